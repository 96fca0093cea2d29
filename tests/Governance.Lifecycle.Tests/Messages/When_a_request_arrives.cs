using Governance.Contracts.Decisions;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.Messages;

public sealed class When_a_request_arrives : WorldFixture
{
    [Test]
    public async Task Should_become_one_grant_however_often_it_is_told()
    {
        var request = Requests.Of(TestCatalog.NextActor());

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => World.SendAsync(request)));

        Assert.That(await World.EventsAsync(request.GrantId), Is.EqualTo(new[] { "grant-requested.v1", "evaluation-started.v1" }));
    }

    [Test]
    public async Task Should_change_nothing_when_it_is_repeated_late()
    {
        var request = Requests.Of(TestCatalog.NextActor());
        await World.SendAsync(request);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(request.GrantId), Outcome.Forbid));
        var version = await World.VersionAsync(request.GrantId);

        Assert.That(await World.SendAsync(request), Is.Null);

        Assert.That(await World.VersionAsync(request.GrantId), Is.EqualTo(version));
        Assert.That(await World.StateAsync(request.GrantId), Is.EqualTo(GrantState.Denied));
    }

    [Test]
    public async Task Should_end_with_a_verified_rejection_and_not_with_a_claimed_one()
    {
        var rejected = Requests.Of(TestCatalog.NextActor()) with { Approvals = [Vote(false, Assurance.Verified)] };
        var claimed = Requests.Of(TestCatalog.NextActor()) with { Approvals = [Vote(false, Assurance.Claimed)] };

        await World.SendAsync(rejected);
        await World.SendAsync(claimed);

        Assert.That(await World.StateAsync(rejected.GrantId), Is.EqualTo(GrantState.Rejected));
        Assert.That(await World.StateAsync(claimed.GrantId), Is.EqualTo(GrantState.Evaluating));
    }

    [Test]
    public async Task Should_tell_policy_which_approvals_are_only_claimed()
    {
        var request = Requests.Of(TestCatalog.NextActor()) with
        {
            Approvals = [Vote(true, Assurance.Claimed), Vote(true, Assurance.Verified)],
        };

        await World.SendAsync(request);

        var facts = Answers.FactsOf(await Peers.QuestionAsync(request.GrantId));
        Assert.That(facts.Approvals.Select(a => a.Assurance), Is.EqualTo(new[] { Assurance.Claimed, Assurance.Verified }));
    }

    [Test]
    public async Task Should_be_denied_when_the_catalog_lacks_what_it_names()
    {
        var request = Requests.Of(TestCatalog.NextActor(), "orders-db/no-such-right");

        await World.SendAsync(request);

        Assert.That(
            await World.EventsAsync(request.GrantId),
            Is.EqualTo(new[] { "grant-requested.v1", "evaluation-impossible.v1", "grant-denied.v1" })
        );
    }

    private static Contracts.Intake.RequestedApproval Vote(bool approved, Assurance assurance) =>
        new()
        {
            Approver = TestCatalog.Omar,
            Approved = approved,
            At = DateTimeOffset.UnixEpoch,
            Assurance = assurance,
        };
}
