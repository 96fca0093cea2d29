using Governance.Catalog;
using Governance.Contracts.Decisions;
using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.People;

public sealed class The_rules_of_voting
{
    private static readonly LoadedCatalog Catalog = CatalogLoader.Load(TestCatalog.Sample);

    [TestCase("group:dba-oncall", "omar@example.com", "lee@example.com")]
    [TestCase("owner", "dana@example.com")]
    [TestCase("user:p-90a4c6f2", "kim@example.com")]
    [TestCase("user:kim@example.com", Description = "a name is no id")]
    [TestCase("everybody")]
    [TestCase("group:")]
    [TestCase("Owner")]
    [TestCase("owner:dba-oncall")]
    [TestCase("")]
    public void Should_read_a_place_in_one_way(string from, params string[] people)
    {
        var told = Votes.WhoFill(Catalog, from, TestCatalog.Writer).Select(p => p.Name);
        Assert.That(told, Is.EquivalentTo(people), "who is told");

        var grant = Waiting(from, "svc-left");
        var all = Catalog.Content.Principals.Where(p => p.Kind == PrincipalKind.Human).ToList();
        Assert.That(all.Where(p => Votes.MayVote(Catalog, grant, p.Id)).Select(p => p.Name), Is.EquivalentTo(people), "for whom it waits");
        Assert.That(
            all.Where(p => Votes.ObjectionTo(Catalog, grant, Requests.Person(p.Id)) is null).Select(p => p.Name),
            Is.EquivalentTo(people),
            "whose vote is taken"
        );
    }

    [Test]
    public void Should_let_somebody_vote_again_whose_vote_is_for_another_right()
    {
        var grant = Waiting("group:dba-oncall", "svc-billing");
        var ballot = Votes.BallotIn(Catalog, grant, null, TimeSpan.FromHours(1))!;
        Assert.That((ballot.Account, ballot.Privilege), Is.EqualTo(("svc_billing", "orders_writer")));
        grant.Approvals.Add(Vote(ballot.Digest()));
        Assert.That(Votes.MayVote(Catalog, grant, TestCatalog.Lee), Is.False);

        grant.Approvals[0] = Vote((ballot with { Privilege = "orders_reader" }).Digest());

        Assert.That(Votes.MayVote(Catalog, grant, TestCatalog.Lee), Is.True);
    }

    private static GrantApproval Vote(string digest) =>
        new(Guid.NewGuid(), TestCatalog.Lee, Assurance.Verified, "http", DateTimeOffset.UnixEpoch)
        {
            Ballot = new BallotFacts(digest, null, TimeSpan.FromHours(1)),
        };

    private static Grant Waiting(string from, string principal) =>
        new()
        {
            // Nobody of the sample stands behind it.
            Requester = "p-left",
            Principal = principal,
            Entitlement = TestCatalog.Writer,
            CurrentState = GrantState.AwaitingApproval,
            Gates = [Answers.Gate() with { Slots = [new GateSlot { From = from }] }],
        };
}
