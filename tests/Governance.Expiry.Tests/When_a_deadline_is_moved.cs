using Governance.Expiry.Tests.Running;
using Governance.Testing;

namespace Governance.Expiry.Tests;

public sealed class When_a_deadline_is_moved
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
    public async Task Should_fire_earlier()
    {
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow.AddHours(1), revision: 1);
        await Eventually.Until(() => _world.StateAsync(_grant), Is.EqualTo("armed"));
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow.AddMilliseconds(300), revision: 2);

        Assert.That((await _world.Lifecycle.ReachedAsync(_grant)).Single().Message.Revision, Is.EqualTo(2));
    }

    [Test]
    public async Task Should_fire_later_and_not_at_the_old_time()
    {
        var later = Moments.Truncate(DateTimeOffset.UtcNow.AddSeconds(3));
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow.AddSeconds(1.5), revision: 1);
        await Eventually.Until(() => _world.StateAsync(_grant), Is.EqualTo("armed"));
        await _world.Lifecycle.SetAsync(_grant, later, revision: 2);

        var reached = (await _world.Lifecycle.ReachedAsync(_grant)).Single();

        Assert.That((reached.Message.Revision, reached.Message.Due), Is.EqualTo((2L, later)));
        Assert.That(reached.At, Is.GreaterThanOrEqualTo(later));
    }

    [Test]
    public async Task Should_keep_the_highest_revision_when_they_arrive_out_of_order()
    {
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow.AddSeconds(2), revision: 5);
        await Eventually.Until(() => _world.StateAsync(_grant), Is.EqualTo("armed"));
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow, revision: 4);
        await _world.Lifecycle.AcknowledgeAsync(_grant, revision: 4);
        await _world.Lifecycle.CancelAsync(_grant, revision: 3);

        Assert.That((await _world.Lifecycle.ReachedAsync(_grant)).Single().Message.Revision, Is.EqualTo(5));
    }

    [Test]
    public async Task Should_fire_the_new_one_after_the_old_one_fired()
    {
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow, revision: 1);
        await _world.Lifecycle.ReachedAsync(_grant);
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow.AddMilliseconds(500), revision: 2);
        await _world.Lifecycle.AcknowledgeAsync(_grant, revision: 1);

        var reached = await _world.Lifecycle.ReachedAsync(_grant, times: 2);

        Assert.That(reached.Select(r => r.Message.Revision), Is.EqualTo(new[] { 1L, 2L }));
    }
}
