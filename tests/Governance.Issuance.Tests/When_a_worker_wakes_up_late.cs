using Governance.Connectors;
using Governance.Testing;

namespace Governance.Issuance.Tests;

public sealed class When_a_worker_wakes_up_late : IssuanceFixture
{
    [TestCase(true, TestName = "Should_not_give_access_back_when_it_sees_that_its_time_is_over")]
    [TestCase(false, TestName = "Should_not_give_access_back_even_when_it_was_stopped_after_its_last_look_at_the_clock")]
    public async Task Should_not_give_access_back(bool looksAtTheClock)
    {
        using var stalled = new SemaphoreSlim(0);
        using var wake = new SemaphoreSlim(0);
        using var done = new SemaphoreSlim(0);
        var first = 1;
        Gates.BeforeApply = async (desired, deadline, token) =>
        {
            if (Interlocked.Exchange(ref first, 0) == 0)
            {
                return (deadline, token);
            }

            // As SIGSTOP does: no deadline and no cancellation reaches it.
            stalled.Release();
            await wake.WaitAsync(CancellationToken.None);
            return looksAtTheClock
                ? (deadline, token)
                : (AttemptDeadline.After(TimeProvider.System, TimeSpan.FromMinutes(1)), CancellationToken.None);
        };
        Gates.AfterApply = desired =>
        {
            if (desired.Revision == 1)
            {
                done.Release();
            }

            return Task.CompletedTask;
        };
        AddTarget("orders-db", Orders.ConnectionString, attemptTimeout: "00:00:01", kind: "gated");
        await Task.WhenAll(StartReplicaAsync(), StartReplicaAsync());

        var binding = await Orders.CreateBindingAsync();
        await Lifecycle.AskAsync(binding, revision: 1, leases: 1);
        Assert.That(await stalled.WaitAsync(TimeSpan.FromSeconds(10)), Is.True);
        await Lifecycle.AskAsync(binding, revision: 2, leases: 0);
        Assert.That((await Lifecycle.AnswerAsync(2)).Direct, Is.False);

        wake.Release();
        Assert.That(await done.WaitAsync(TimeSpan.FromSeconds(10)), Is.True);
        Assert.That(await Orders.IsMemberAsync(binding), Is.False);
        Assert.That(Lifecycle.Observed().Select(o => o.Revision), Is.All.EqualTo(2L));
        Assert.That(await ReadAsync<bool>("select observed_revision = 2 and next_attempt is null from issuance.holdings"), Is.True);
    }
}
