using Governance.Expiry.Tests.Running;
using Governance.Testing;

namespace Governance.Expiry.Tests;

public sealed class When_the_process_is_killed
{
    private readonly Guid _grant = Guid.NewGuid();
    private World _world = null!;

    [SetUp]
    public async Task StartAsync() => _world = await World.CreateAsync();

    [TearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [TestCase("expiry.deadline.before-commit", false)]
    [TestCase("expiry.deadline.after-commit", false)]
    [TestCase("expiry.fire.before-publish", false)]
    [TestCase("expiry.fire.after-publish", true)]
    [TestCase("expiry.fire.after-commit", true)]
    public async Task Should_fire_with_the_same_revision(string point, bool published)
    {
        var doomed = await _world.StartProcessAsync(point);
        var due = Moments.Truncate(DateTimeOffset.UtcNow.AddMilliseconds(300));
        await _world.Lifecycle.SetAsync(_grant, due, revision: 6);
        await doomed.ExitedAsync();
        Assert.That(doomed.Marker, Does.Exist);

        await _world.StartProcessAsync();
        var reached = await _world.Lifecycle.ReachedAsync(_grant, times: published ? 2 : 1, TimeSpan.FromSeconds(30));

        Assert.That(reached.Select(r => (r.Message.Revision, r.Message.Due)), Is.All.EqualTo((6L, due)));
        if (point == "expiry.fire.after-publish")
        {
            Assert.That(reached[1].MessageId, Is.EqualTo(reached[0].MessageId), "the repeat is recognisable");
        }

        await _world.Lifecycle.AcknowledgeAsync(_grant, revision: 6);
        await Eventually.Until(() => _world.StateAsync(_grant), Is.EqualTo("acknowledged"));
        await _world.AssertNoErrorsAsync();
    }

    [Test]
    public async Task Should_leave_its_claim_to_the_others()
    {
        await _world.StartReplicaAsync();
        var doomed = await _world.StartProcessAsync("expiry.fire.before-publish");
        for (var round = 0; !File.Exists(doomed.Marker); round++)
        {
            Assert.That(round, Is.LessThan(200), "the process never claimed anything");
            await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow.AddMilliseconds(100), revision: round + 1);
            await _world.Lifecycle.ReachedAsync(_grant, times: round + 1);
        }

        var revision = _world.Lifecycle.Of(_grant).Max(r => r.Message.Revision);
        Assert.That(
            await _world.ScalarAsync<long>("select revision from expiry.deadlines where grant_id = $1", _grant),
            Is.EqualTo(revision)
        );
    }
}
