using Governance.Lifecycle.Tests.Running;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Relay;

public sealed class When_the_relay_stands_still
{
    private World _world = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync();
        await _world.Service.DisposeAsync();
        // An agent that waits for a lock for ever, where the suite's own setting would make it try again.
        await _world.StartServiceAsync("ConnectionStrings:Database=" + _world.Database + ";Options=-c lock_timeout=0");
        await _world.Service.ReadyAsync();
        await _world.Peers.QuestionAsync(await _world.RequestAsync(TestCatalog.NextActor()));
    }

    [TearDown]
    public async Task StopAsync()
    {
        // The watchdog said how the process is to end; this one is the test's.
        Environment.ExitCode = 0;
        await _world.DisposeAsync();
    }

    [Test]
    public async Task Should_end_the_process_and_go_on_with_a_new_one()
    {
        var request = Requests.Of(TestCatalog.NextActor());
        await using (var connection = await _world.Sql.OpenConnectionAsync())
        {
            // Progress can't be recorded, as if the agent hung: by a session of the process itself, which ends with it.
            await using (
                var pretend = new Npgsql.NpgsqlCommand(
                    "select set_config('application_name', (select max(application_name) from pg_stat_activity where datname = current_database() and application_name like 'governance-lifecycle-%'), false)",
                    connection
                )
            )
            {
                await pretend.ExecuteScalarAsync();
            }

            await using var transaction = await connection.BeginTransactionAsync();
            await using (
                var hold = new Npgsql.NpgsqlCommand(
                    "select 1 from lifecycle.mt_event_progression where name like 'relay:%' for update",
                    connection,
                    transaction
                )
            )
            {
                await hold.ExecuteScalarAsync();
            }

            await _world.SendAsync(request);
            await Eventually.Until(
                () => Task.FromResult(_world.Service.Stopping.IsCancellationRequested),
                Is.True,
                TimeSpan.FromSeconds(40)
            );
            Assert.That(_world.Service.Log.Of("RelayStalled"), Is.Not.Empty);
            Assert.That(Environment.ExitCode, Is.EqualTo(70));
        }

        await _world.Service.DisposeAsync();
        await _world.StartServiceAsync();
        await _world.Peers.QuestionAsync(request.GrantId);
        await _world.Service.ReadyAsync();
    }
}
