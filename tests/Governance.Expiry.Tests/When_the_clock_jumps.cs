using Governance.Expiry.Tests.Running;
using Governance.Testing;

namespace Governance.Expiry.Tests;

public sealed class When_the_clock_jumps
{
    private readonly Guid _grant = Guid.NewGuid();
    private readonly JumpingClock _clock = new();
    private World _world = null!;
    private Replica _replica = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync();
        _replica = await _world.StartReplicaAsync(_clock, "FirstRepeat=00:00:01", "LongestRepeat=00:00:02", "SurveyInterval=00:00:00.250");
    }

    [TearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_fire_what_is_due_by_the_new_time()
    {
        await _world.Lifecycle.SetAsync(_grant, _clock.GetUtcNow().AddHours(1), revision: 2);
        await Eventually.Until(() => _world.StateAsync(_grant), Is.EqualTo("armed"));
        _clock.Jump(TimeSpan.FromHours(2));

        Assert.That((await _world.Lifecycle.ReachedAsync(_grant))[0].Message.Revision, Is.EqualTo(2));
    }

    [Test]
    public async Task Should_lose_nothing_when_it_goes_back()
    {
        await _world.Lifecycle.SetAsync(_grant, _clock.GetUtcNow().AddSeconds(1));
        await Eventually.Until(() => _world.StateAsync(_grant), Is.EqualTo("armed"));
        _clock.Jump(TimeSpan.FromHours(-1));
        await _world.PassAsync(TimeSpan.FromHours(-1));
        Assert.That(_world.Lifecycle.Of(_grant), Is.Empty);
        _clock.Jump(TimeSpan.FromHours(1));

        await _world.Lifecycle.ReachedAsync(_grant);
    }

    [Test]
    public async Task Should_go_on_repeating_when_it_goes_back()
    {
        await _world.Lifecycle.SetAsync(_grant, _clock.GetUtcNow());
        await _world.Lifecycle.ReachedAsync(_grant);
        await Eventually.Until(() => _world.StateAsync(_grant), Is.EqualTo("fired"));
        _clock.Jump(TimeSpan.FromHours(-1));
        var before = _world.Lifecycle.Of(_grant).Count;

        await _world.Lifecycle.ReachedAsync(_grant, before + 3);
        Assert.That(_replica.Log.Of("ClockWentBack"), Is.Not.Empty);
    }
}
