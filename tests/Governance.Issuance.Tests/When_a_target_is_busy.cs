using System.Collections.Concurrent;
using Governance.Connectors;
using Governance.Testing;

namespace Governance.Issuance.Tests;

public sealed class When_a_target_is_busy : IssuanceFixture
{
    [Test]
    public async Task Should_take_away_while_giving_waits()
    {
        using var open = new SemaphoreSlim(0);
        var inside = new ConcurrentDictionary<Guid, bool>();
        var most = 0;
        Gates.BeforeApply = async (desired, deadline, token) =>
        {
            if (desired.Wanted && desired.Revision == 7)
            {
                inside[desired.Holder] = true;
                most = Math.Max(most, inside.Count);
                await open.WaitAsync(token);
            }

            return (deadline, token);
        };
        AddTarget("orders-db", Orders.ConnectionString, attemptTimeout: "00:00:20", kind: "gated");
        Set("Issuance:Targets:0:Concurrency", "4");
        await StartReplicaAsync();
        var held = await GivenAsync();
        for (var i = 0; i < 6; i++)
        {
            await Lifecycle.AskAsync(
                await Orders.CreateBindingAsync(),
                revision: 7,
                leases: 1,
                principal: FormattableString.Invariant($"svc-{i}")
            );
        }

        await Eventually.Until(() => Task.FromResult(inside.Count), Is.EqualTo(3));
        await Lifecycle.AskAsync(held, revision: 2, leases: 0);
        Assert.That((await Lifecycle.AnswerAsync(2, timeout: TimeSpan.FromSeconds(10))).Direct, Is.False);
        Assert.That(most, Is.EqualTo(3), "One of four is kept for taking away.");

        open.Release(6);
        for (var i = 0; i < 6; i++)
        {
            Assert.That((await Lifecycle.AnswerAsync(7, FormattableString.Invariant($"svc-{i}"))).Direct, Is.True);
        }
    }
}
