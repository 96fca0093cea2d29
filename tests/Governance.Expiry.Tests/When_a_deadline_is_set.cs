using Governance.Contracts.Lifecycle;
using Governance.Expiry.Tests.Running;
using Governance.Testing;

namespace Governance.Expiry.Tests;

public sealed class When_a_deadline_is_set
{
    private readonly Guid _grant = Guid.NewGuid();
    private World _world = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync();
        await _world.StartReplicaAsync();
    }

    [TearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_fire_when_it_is_due_and_not_before()
    {
        var due = Moments.Truncate(DateTimeOffset.UtcNow.AddSeconds(2));
        await _world.Lifecycle.SetAsync(_grant, due, revision: 7);

        var reached = (await _world.Lifecycle.ReachedAsync(_grant)).Single();

        Assert.That(reached.Message.Due, Is.EqualTo(due));
        Assert.That(reached.Message.Revision, Is.EqualTo(7));
        Assert.That(reached.Message.Kind, Is.EqualTo(DeadlineKinds.Expiry));
        Assert.That(reached.At, Is.GreaterThanOrEqualTo(due));
        await TestContext.Out.WriteLineAsync($"lateness {(reached.At - due).TotalMilliseconds:F0} ms");
    }

    [Test]
    public async Task Should_fire_at_once_when_it_is_past()
    {
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow.AddDays(-1));

        Assert.That((await _world.Lifecycle.ReachedAsync(_grant)).Single().Message.Revision, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_fire_once_when_it_was_set_five_times()
    {
        var due = DateTimeOffset.UtcNow.AddMilliseconds(700);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _world.Lifecycle.SetAsync(_grant, due)));
        await _world.Lifecycle.ReachedAsync(_grant);
        await _world.Lifecycle.SetAsync(_grant, due);
        await _world.PassAsync(TimeSpan.FromSeconds(2));

        Assert.That(_world.Lifecycle.Of(_grant), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_keep_the_kinds_of_a_grant_apart()
    {
        var due = DateTimeOffset.UtcNow.AddMilliseconds(500);
        await _world.Lifecycle.SetAsync(_grant, due, revision: 3, DeadlineKinds.Start);
        await _world.Lifecycle.SetAsync(_grant, due, revision: 2, DeadlineKinds.Activation);
        await _world.Lifecycle.CancelAsync(_grant, revision: 9, DeadlineKinds.Expiry);

        var reached = await _world.Lifecycle.ReachedAsync(_grant, times: 2);

        Assert.That(
            reached.Select(r => (r.Message.Kind, r.Message.Revision)),
            Is.EquivalentTo(new[] { ("start", 3L), ("activation", 2L) })
        );
    }

    [Test]
    public async Task Should_be_on_time_when_the_database_cuts_all_connections_meanwhile()
    {
        var due = DateTimeOffset.UtcNow.AddSeconds(3);
        await _world.Lifecycle.SetAsync(_grant, due);
        await Eventually.Until(() => _world.StateAsync(_grant), Is.EqualTo("armed"));
        Assert.That(await SuiteServers.Current.CutConnectionsAsync(_world.Database), Is.Positive);

        var reached = (await _world.Lifecycle.ReachedAsync(_grant))[0];

        await TestContext.Out.WriteLineAsync($"lateness {(reached.At - due).TotalMilliseconds:F0} ms");
        await _world.AssertNoErrorsAsync();
    }
}
