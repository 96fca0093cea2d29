using Governance.Lifecycle.Tests.Running;
using Governance.Testing;
using Npgsql;

namespace Governance.Lifecycle.Tests.Relay;

/// <summary>
/// Somebody's transaction stays open, and below the newest events a sequence number is missing that it might still write: nobody may pass
/// over it, and a new process could not either.
/// </summary>
public sealed class When_somebody_holds_up_the_relay
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private World _world = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync();
        await _world.Peers.QuestionAsync(await _world.RequestAsync(TestCatalog.NextActor()));
    }

    [TearDown]
    public async Task StopAsync()
    {
        Environment.ExitCode = 0;
        await _world.DisposeAsync();
    }

    [Test]
    public async Task Should_name_the_session_and_go_on_when_it_ends()
    {
        await using var connection = await _world.Sql.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        // The number is its own: a session that has done nothing since before a number was taken does not hold it, and is passed over.
        await ExecuteAsync(connection, "select nextval('lifecycle.mt_events_sequence')");
        await ExecuteAsync(connection, "create temporary table forgotten as select 'hunter2' as word");
        var holder = "pid " + connection.ProcessID;
        var request = await _world.RequestAsync(TestCatalog.NextActor());

        await Eventually.Until(async () => (await _world.Service.HealthAsync()).Report, Does.Contain(holder), Patience);
        var (ready, report) = await _world.Service.HealthAsync();
        Assert.That(ready, Is.False);
        Assert.That(report, Does.Contain("create temporary table forgotten").And.Contain("open for").And.Not.Contain("hunter2"));

        await transaction.RollbackAsync();

        await _world.Peers.QuestionAsync(request, within: Patience);
        await _world.Service.ReadyAsync();
        Assert.That(_world.Service.Log.Of("RelayHeldUp").Select(e => e.Message), Has.One.Contains(holder));
        Assert.That(_world.Service.Log.Of("RelayStalled"), Is.Empty);
        Assert.That(_world.Service.Stopping.IsCancellationRequested, Is.False, "a new process could not go on either");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
