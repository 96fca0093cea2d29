using Governance.Contracts.Expiry;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.Races;

public sealed class When_grants_overlap : WorldFixture
{
    private Actor _actor = null!;
    private Guid _first;
    private Guid _second;

    [SetUp]
    public async Task ActivateBothAsync()
    {
        _actor = TestCatalog.NextActor();
        _first = await World.ActiveAsync(_actor);
        _second = await World.ActiveAsync(_actor);
    }

    [Test]
    public async Task Should_keep_the_access_when_one_ends_and_take_it_with_the_last()
    {
        await World.CommandAsync(_first, "revoke", "kim@example.com");
        await World.ObserveAsync(_actor.First, direct: true);

        Assert.That(await World.StateAsync(_first), Is.EqualTo(GrantState.Ended));
        Assert.That(await World.StateAsync(_second), Is.EqualTo(GrantState.Active));
        Assert.That((await LastAsync()).Leases.Select(l => l.GrantId), Is.EqualTo(new[] { _second }));
        var (_, history) = await World.GetAsync($"/v1/grants/{_first}/history");
        Assert.That((string?)history["events"]!.AsArray()[^1]!["data"]!["stillHeldBy"]![0], Is.EqualTo(_second.ToString()));

        await World.CommandAsync(_second, "revoke", "kim@example.com");
        await World.ObserveAsync(_actor.First);
        Assert.That((await LastAsync()).Leases, Is.Empty);
        Assert.That(await World.StateAsync(_second), Is.EqualTo(GrantState.Ended));
    }

    [Test]
    public async Task Should_take_the_access_when_both_end_in_the_same_instant()
    {
        var deadlines = new[]
        {
            await Peers.DeadlineAsync(_first, DeadlineKinds.Expiry),
            await Peers.DeadlineAsync(_second, DeadlineKinds.Expiry),
        };
        await Task.WhenAll(
            deadlines.Select(d =>
                World.SendAsync(
                    new DeadlineReached
                    {
                        GrantId = d.GrantId,
                        Kind = d.Kind,
                        Due = d.Due,
                        Revision = d.Revision,
                    }
                )
            )
        );
        var last = await LastAsync();
        Assert.That(last.Leases, Is.Empty);

        // What was read between the two, still there, ends neither.
        await World.SendAsync(Answers.Observed(await Peers.HoldingAsync(_actor.First, last.Revision - 1), World.Clock.Now()));
        Assert.That(await World.StateAsync(_first), Is.EqualTo(GrantState.Revoking));
        Assert.That(await World.StateAsync(_second), Is.EqualTo(GrantState.Revoking));

        await World.SendAsync(Answers.Observed(last, World.Clock.Now()));
        Assert.That(await World.StateAsync(_first), Is.EqualTo(GrantState.Ended));
        Assert.That(await World.StateAsync(_second), Is.EqualTo(GrantState.Ended));
        Assert.That(await World.RevisionsAsync(_actor.First), Is.EqualTo(Enumerable.Range(1, (int)last.Revision).Select(n => (long)n)));
    }

    private async Task<ReconcileHolding> LastAsync() =>
        await Peers.HoldingAsync(
            _actor.First,
            await World.ScalarAsync<long>(
                "select (data ->> 'revision')::bigint from lifecycle.mt_doc_principalledger where data ->> 'principal' = $1",
                _actor.First
            )
        );
}
