using Governance.Testing;
using Npgsql;

namespace Governance.Expiry.Tests.Running;

/// <summary>One installation: a database, a virtual host, what stands for Lifecycle, and any number of replicas of Expiry.</summary>
internal sealed class World : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _running = [];

    public required string Database { get; init; }

    public required string BusUrl { get; init; }

    public required NpgsqlDataSource Sql { get; init; }

    public LifecyclePeer Lifecycle { get; private set; } = null!;

    public string VirtualHost => Uri.UnescapeDataString(new Uri(BusUrl).AbsolutePath[1..]);

    public static async Task<World> CreateAsync(bool withLifecycle = true)
    {
        var database = await SuiteServers.Current.CreateDatabaseAsync("expiry");
        var world = new World
        {
            Database = database,
            BusUrl = await SuiteServers.Current.CreateVirtualHostAsync("expiry"),
            Sql = NpgsqlDataSource.Create(database),
        };
        if (withLifecycle)
        {
            await world.StartLifecycleAsync();
        }

        return world;
    }

    public async Task StartLifecycleAsync()
    {
        Lifecycle = await LifecyclePeer.StartAsync(BusUrl);
        _running.Add(Lifecycle);
    }

    public async Task<Replica> StartReplicaAsync(TimeProvider? clock = null, params string[] settings)
    {
        var replica = await Replica.StartAsync(this, clock, settings);
        _running.Add(replica);
        return replica;
    }

    public async Task<ReplicaProcess> StartProcessAsync(string? crashAt = null)
    {
        var process = ReplicaProcess.Start(this, crashAt);
        _running.Add(process);
        await process.ReadyAsync();
        return process;
    }

    public async Task<T?> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var command = Sql.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new() { Value = parameter });
        }

        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    public Task<string?> StateAsync(Guid grant) => ScalarAsync<string>("select state from expiry.deadlines where grant_id = $1", grant);

    /// <summary>A deadline of another grant, set now and due later than all that must not fire; waiting for it proves that they did not.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        var sentinel = Guid.NewGuid();
        await Lifecycle.SetAsync(sentinel, DateTimeOffset.UtcNow + time);
        await Lifecycle.ReachedAsync(sentinel);
        await Lifecycle.AcknowledgeAsync(sentinel);
        await Eventually.Until(() => StateAsync(sentinel), Is.EqualTo("acknowledged"));
    }

    /// <summary>No message of Expiry or its peer was given up.</summary>
    public async Task AssertNoErrorsAsync()
    {
        foreach (var queue in await SuiteServers.Current.Management.ListQueuesAsync(VirtualHost))
        {
            if (queue.Name.EndsWith("_error", StringComparison.Ordinal) || queue.Name.Contains("dead-letters", StringComparison.Ordinal))
            {
                Assert.That(queue.Messages, Is.Zero, queue.Name);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var running in Enumerable.Reverse(_running))
        {
            await running.DisposeAsync();
        }

        await Sql.DisposeAsync();
        await SuiteServers.Current.Management.DeleteVirtualHostAsync(VirtualHost);
    }
}
