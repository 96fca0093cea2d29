using Governance.Expiry.Tests.Running;
using Governance.Testing;
using Microsoft.Extensions.Logging;

namespace Governance.Expiry.Tests;

public sealed class When_a_deadline_is_not_acknowledged
{
    private readonly Guid _grant = Guid.NewGuid();
    private World _world = null!;
    private Replica _replica = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync();
        _replica = await _world.StartReplicaAsync(
            clock: null,
            "FirstRepeat=00:00:00.500",
            "LongestRepeat=00:00:01",
            "AlertAfter=00:00:01",
            "SurveyInterval=00:00:00.250"
        );
    }

    [TearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_fire_again_and_again_with_the_same_revision()
    {
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow, revision: 4);

        var reached = await _world.Lifecycle.ReachedAsync(_grant, times: 5);

        Assert.That(reached.Select(r => r.Message.Revision), Is.All.EqualTo(4));
        Assert.That(reached.Select(r => r.MessageId), Is.Unique);
    }

    [Test]
    public async Task Should_not_fire_again_once_it_is_acknowledged()
    {
        var due = DateTimeOffset.UtcNow;
        await _world.Lifecycle.SetAsync(_grant, due);
        await _world.Lifecycle.ReachedAsync(_grant);
        await _world.Lifecycle.AcknowledgeAsync(_grant);
        await Eventually.Until(() => _world.StateAsync(_grant), Is.EqualTo("acknowledged"));
        await _world.Lifecycle.SetAsync(_grant, due);
        await _world.PassAsync(TimeSpan.Zero);
        var before = _world.Lifecycle.Of(_grant).Count;
        await _world.PassAsync(TimeSpan.FromSeconds(2));

        Assert.That(_world.Lifecycle.Of(_grant), Has.Count.EqualTo(before));
        Assert.That(await _world.StateAsync(_grant), Is.EqualTo("acknowledged"));
    }

    [Test]
    public async Task Should_alert_while_it_lasts_and_stop_when_it_ends()
    {
        using var overdue = new GaugeReader("governance.expiry.overdue");
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow);
        await Eventually.Until(() => Task.FromResult(_replica.Log.Of("DeadlinesUnacknowledged")), Is.Not.Empty);
        var alert = _replica.Log.Of("DeadlinesUnacknowledged")[0];

        Assert.That(alert.Event.Id, Is.EqualTo(5001));
        Assert.That(alert.Level, Is.EqualTo(LogLevel.Warning));
        Assert.That(alert.Message, Does.Contain(_grant.ToString()));
        Assert.That(overdue.Last, Is.EqualTo(1));

        await _world.Lifecycle.AcknowledgeAsync(_grant);
        await Eventually.Until(() => Task.FromResult(overdue.Last), Is.Zero);
    }
}
