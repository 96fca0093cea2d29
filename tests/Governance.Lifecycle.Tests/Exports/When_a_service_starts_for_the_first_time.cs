using Governance.Lifecycle.Tests.Running;
using Microsoft.Extensions.Logging;

namespace Governance.Lifecycle.Tests.Exports;

public sealed class When_a_service_starts_for_the_first_time
{
    [Test]
    public async Task Should_log_nothing_that_looks_like_a_fault()
    {
        await using var world = await World.CreateAsync();
        await world.Peers.QuestionAsync(await world.RequestAsync(TestCatalog.NextActor()));

        var log = world.Service.Log.All;

        Assert.That(log.Where(e => e.Level >= LogLevel.Error).Select(e => e.Message), Is.Empty);
        Assert.That(log.Where(e => e.Message.Contains("\n   at ", StringComparison.Ordinal)).Select(e => e.Message), Is.Empty);
    }
}
