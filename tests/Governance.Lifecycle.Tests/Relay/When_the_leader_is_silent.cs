using Governance.Lifecycle.Tests.Running;
using Governance.Testing;
using Npgsql;

namespace Governance.Lifecycle.Tests.Relay;

/// <summary>The leader is played by two sessions: one that holds the locks, as the daemon's does, and one that works, or no longer does.</summary>
public sealed class When_the_leader_is_silent
{
    private World _world = null!;
    private NpgsqlConnection _holder = null!;
    private NpgsqlConnection _worker = null!;
    private int _session;
    private Exception? _lost;
    private Task _sleep = Task.CompletedTask;

    [SetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync();
        await Eventually.Until(LocksAsync, Has.Length.EqualTo(2));
        var locks = await LocksAsync();
        await _world.Service.DisposeAsync();

        var other = new NpgsqlConnectionStringBuilder(_world.Database)
        {
            ApplicationName = "governance-lifecycle-1-other",
            Pooling = false,
        }.ConnectionString;
        _worker = await OpenAsync(other);
        _holder = await OpenAsync(other);
        _session = _holder.ProcessID;
        await ExecuteAsync(_holder, "begin");
        foreach (var id in locks)
        {
            await ExecuteAsync(_holder, $"select pg_advisory_xact_lock({id})");
        }

        _sleep = HoldAsync();
        await ExecuteAsync(_worker, "select 1");
        await _world.StartServiceAsync();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _world.ScalarAsync<bool>("select pg_terminate_backend($1)", _session);
        await _worker.DisposeAsync();
        await _world.DisposeAsync();
        await Eventually.Until(() => Task.FromResult(_sleep.IsCompleted), Is.True);
        await _holder.DisposeAsync();
    }

    [Test]
    public async Task Should_take_the_lead_and_publish()
    {
        var grant = await _world.RequestAsync(TestCatalog.NextActor());

        await _world.Peers.QuestionAsync(grant);

        Assert.That(_world.Service.Log.Of("LeaderSilent"), Is.Not.Empty);
        await Eventually.Until(() => Task.FromResult((_lost as PostgresException)?.SqlState), Is.EqualTo(PostgresErrorCodes.AdminShutdown));
    }

    [Test]
    public async Task Should_leave_a_leader_that_works_alone()
    {
        for (var i = 0; i < 20; i++)
        {
            await ExecuteAsync(_worker, "select 1");
            await Task.Delay(500);
        }

        Assert.That(_world.Service.Log.Of("LeaderSilent"), Is.Empty);
        Assert.That(_sleep.IsCompleted, Is.False);
        await Eventually.Until(LocksAsync, Has.Length.EqualTo(2));
    }

    private async Task HoldAsync()
    {
        try
        {
            await ExecuteAsync(_holder, "select pg_sleep(600)");
        }
        catch (PostgresException e)
        {
            _lost = e;
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(string database)
    {
        var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    private async Task<long[]> LocksAsync() =>
        await _world.ScalarAsync<long[]>(
            """
            select array(select distinct objid::bigint from pg_locks
                         where locktype = 'advisory' and granted and classid = 0 and objsubid = 1
                           and database = (select oid from pg_database where datname = current_database()))
            """
        ) ?? [];
}
