using Governance.Expiry.Tests.Running;
using Governance.Testing;

namespace Governance.Expiry.Tests;

[NonParallelizable]
public sealed class When_the_broker_is_away
{
    // A quorum queue whose broker is killed sooner after its declaration comes back empty and without a leader (rabbitmq-server issue 15725):
    // half a second where the broker has nothing else to do, much more on a busy machine.
    private static readonly TimeSpan BrokerRecordsQueuesWithin = TimeSpan.FromSeconds(5);
    private readonly Guid _grant = Guid.NewGuid();
    private World _world = null!;
    private Replica _replica = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync();
        _replica = await _world.StartReplicaAsync();
    }

    [TearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_mark_nothing_and_fire_when_it_is_back()
    {
        await Task.Delay(BrokerRecordsQueuesWithin);
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow.AddSeconds(3));
        await Eventually.Until(() => _world.StateAsync(_grant), Is.EqualTo("armed"));
        await SuiteServers.Current.KillAsync(SuiteServer.RabbitMq);
        try
        {
            await Eventually.Until(() => Task.FromResult(_replica.Log.Of("FiringFailed")), Is.Not.Empty, TimeSpan.FromSeconds(30));
            Assert.That(await _world.StateAsync(_grant), Is.EqualTo("armed"));
            await Eventually.Until(_replica.IsReadyAsync, Is.False, TimeSpan.FromSeconds(30));
            await Eventually.Until(() => _replica.CheckAsync("broker"), Does.StartWith("unhealthy: The broker does not answer: "));
        }
        finally
        {
            await SuiteServers.Current.StartAsync(SuiteServer.RabbitMq);
        }

        var back = DateTimeOffset.UtcNow;
        var reached = await _world.Lifecycle.ReachedAsync(_grant, within: TimeSpan.FromSeconds(60));
        await TestContext.Out.WriteLineAsync($"fired {(reached[0].At - back).TotalSeconds:F1} s after the broker was back");

        Assert.That(reached[0].Message.Revision, Is.EqualTo(1));
        await _world.Lifecycle.AcknowledgeAsync(_grant);
        await Eventually.Until(() => _world.StateAsync(_grant), Is.EqualTo("acknowledged"));
        await _replica.ReadyAsync();
    }

    [Test]
    public async Task Should_fire_when_the_broker_cut_the_connections()
    {
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow.AddSeconds(3));
        await Eventually.Until(() => _world.StateAsync(_grant), Is.EqualTo("armed"));
        await Eventually.Until(() => SuiteServers.Current.Management.CloseConnectionsAsync(_world.VirtualHost), Is.GreaterThanOrEqualTo(2));

        await _world.Lifecycle.ReachedAsync(_grant, within: TimeSpan.FromSeconds(30));
    }

    [Test]
    public async Task Should_say_that_the_broker_takes_no_messages_and_why()
    {
        await SuiteServers.Current.AlarmBrokerAsync(on: true);
        try
        {
            await Eventually.Until(
                () => _replica.CheckAsync("broker"),
                Does.StartWith("degraded: The broker takes no messages: ").And.Contains("memory"),
                TimeSpan.FromSeconds(30)
            );
            Assert.That(_replica.Log.Of("BrokerTakesNothing"), Has.Count.EqualTo(1));
        }
        finally
        {
            await SuiteServers.Current.AlarmBrokerAsync(on: false);
        }

        await Eventually.Until(() => _replica.CheckAsync("broker"), Is.EqualTo("healthy: "), TimeSpan.FromSeconds(30));
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow);
        await _world.Lifecycle.ReachedAsync(_grant, within: TimeSpan.FromSeconds(30));
    }

    [Test]
    public async Task Should_stay_armed_as_long_as_no_queue_takes_it()
    {
        await using var alone = await World.CreateAsync(withLifecycle: false);
        var replica = await alone.StartReplicaAsync();
        await using (
            var command = alone.Sql.CreateCommand(
                """
                insert into expiry.deadlines (grant_id, kind, revision, state, due, armed_at, next_firing)
                values ($1, 'expiry', 3, 'armed', now(), now(), now())
                """
            )
        )
        {
            command.Parameters.Add(new() { Value = _grant });
            await command.ExecuteNonQueryAsync();
        }

        await Eventually.Until(() => Task.FromResult(replica.Log.Of("FiringFailed").Count), Is.GreaterThan(2));
        Assert.That(await alone.StateAsync(_grant), Is.EqualTo("armed"));
        await Eventually.Until(replica.IsReadyAsync, Is.False);

        await alone.StartLifecycleAsync();
        Assert.That((await alone.Lifecycle.ReachedAsync(_grant))[0].Message.Revision, Is.EqualTo(3));
        await replica.ReadyAsync();
    }
}
