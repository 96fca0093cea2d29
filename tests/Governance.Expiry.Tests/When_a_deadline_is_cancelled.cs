using Governance.Expiry.Tests.Running;
using Governance.Testing;

namespace Governance.Expiry.Tests;

public sealed class When_a_deadline_is_cancelled
{
    private readonly Guid _grant = Guid.NewGuid();
    private World _world = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync();
        await _world.StartReplicaAsync(clock: null, "FirstRepeat=00:00:00.500");
    }

    [TearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_not_fire()
    {
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow.AddSeconds(1.5), revision: 1);
        await Eventually.Until(() => _world.StateAsync(_grant), Is.EqualTo("armed"));
        await _world.Lifecycle.CancelAsync(_grant, revision: 2);
        await _world.PassAsync(TimeSpan.FromSeconds(2));

        Assert.That(_world.Lifecycle.Of(_grant), Is.Empty);
        Assert.That(await _world.StateAsync(_grant), Is.EqualTo("cancelled"));
    }

    [Test]
    public async Task Should_not_fire_when_the_old_set_arrives_afterwards()
    {
        await _world.Lifecycle.CancelAsync(_grant, revision: 2);
        await Eventually.Until(() => _world.StateAsync(_grant), Is.EqualTo("cancelled"));
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow, revision: 1);
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow, revision: 2);
        await _world.PassAsync(TimeSpan.FromSeconds(1));

        Assert.That(_world.Lifecycle.Of(_grant), Is.Empty);
    }

    [Test]
    public async Task Should_stop_firing_when_it_had_fired()
    {
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow, revision: 1);
        await _world.Lifecycle.ReachedAsync(_grant, times: 2);
        await _world.Lifecycle.CancelAsync(_grant, revision: 1);
        await Eventually.Until(() => _world.StateAsync(_grant), Is.EqualTo("cancelled"));
        await _world.PassAsync(TimeSpan.Zero);
        var before = _world.Lifecycle.Of(_grant).Count;
        await _world.PassAsync(TimeSpan.FromSeconds(2));

        Assert.That(_world.Lifecycle.Of(_grant), Has.Count.EqualTo(before));
    }

    [Test]
    public async Task Should_fire_when_it_is_set_again_later()
    {
        await _world.Lifecycle.CancelAsync(_grant, revision: 2);
        await Eventually.Until(() => _world.StateAsync(_grant), Is.EqualTo("cancelled"));
        await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow, revision: 3);

        Assert.That((await _world.Lifecycle.ReachedAsync(_grant))[0].Message.Revision, Is.EqualTo(3));
    }
}
