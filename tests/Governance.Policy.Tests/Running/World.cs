using Governance.Lifecycle;
using Governance.Testing;
using Npgsql;

namespace Governance.Policy.Tests.Running;

/// <summary>An installation: databases, a virtual host, Policy with a directory of policies of its own, and Lifecycle, real or played.</summary>
internal sealed class World : IAsyncDisposable
{
    private readonly string _busUrl;
    private readonly string _database;

    private World(string busUrl, string database)
    {
        (_busUrl, _database) = (busUrl, database);
        Sql = NpgsqlDataSource.Create(database);
        foreach (var file in Directory.EnumerateFiles(RepositoryRoot.File("deploy", "policies"), "*.cedar"))
        {
            File.Copy(file, PolicyFile(Path.GetFileName(file)));
        }
    }

    public string Policies { get; set; } = Directory.CreateTempSubdirectory("governance-policies-").FullName;

    public NpgsqlDataSource Sql { get; }

    public LifecyclePeer Peer { get; private set; } = null!;

    public InProcessService Policy { get; private set; } = null!;

    public InProcessService? Lifecycle { get; private set; }

    public static async Task<World> CreateAsync(bool realLifecycle = false, Action<World>? before = null)
    {
        var world = new World(
            await SuiteServers.Current.CreateVirtualHostAsync("policy"),
            await SuiteServers.Current.CreateDatabaseAsync("policy")
        );
        before?.Invoke(world);
        if (realLifecycle)
        {
            world.Lifecycle = await InProcessService.StartAsync(
                [
                    "ConnectionStrings:Database=" + await SuiteServers.Current.CreateDatabaseAsync("lifecycle"),
                    "Bus:Url=" + world._busUrl,
                    "Lifecycle:CatalogDirectory=" + RepositoryRoot.File("deploy", "catalog"),
                ],
                builder => builder.AddLifecycle().Build().MapLifecycle()
            );
        }
        else
        {
            world.Peer = await LifecyclePeer.StartAsync(world._busUrl);
        }

        await world.StartPolicyAsync();
        return world;
    }

    public async Task StartPolicyAsync() =>
        Policy = await InProcessService.StartAsync(
            [
                "ConnectionStrings:Database=" + _database,
                "Bus:Url=" + _busUrl,
                "Policy:BundleDirectory=" + Policies,
                "Policy:LifecycleUrl=" + (Lifecycle?.GrpcUrl ?? "http://127.0.0.1:1"),
                "Policy:ReloadPeriod=00:00:00.200",
                "Policy:AnnouncePeriod=00:00:01",
            ],
            builder => builder.AddPolicy().Build().MapPolicy()
        );

    public string PolicyFile(string name) => Path.Combine(Policies, name);

    public async Task<T?> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var command = Sql.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new() { Value = parameter });
        }

        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    public async ValueTask DisposeAsync()
    {
        await Policy.DisposeAsync();
        if (Lifecycle is not null)
        {
            await Lifecycle.DisposeAsync();
        }

        if (Peer is not null)
        {
            await Peer.DisposeAsync();
        }

        await Sql.DisposeAsync();
        await SuiteServers.Current.Management.DeleteVirtualHostAsync(new Uri(_busUrl).AbsolutePath[1..]);
        Directory.Delete(Policies, recursive: true);
    }
}
