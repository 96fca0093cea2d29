using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;
using Governance.Voting;

namespace Governance.Cedar.Tests;

public sealed class When_votes_are_counted
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static readonly string[] Policies = [Texts.Permit("p"), Texts.Gate("g", "1 of group:dba-oncall")];

    [TestCase("omar")]
    [TestCase("svc-omar", Description = "an identity of theirs")]
    public void Should_not_count_who_stands_behind_the_sender(string sender)
    {
        var facts = Sent(Facts.Of().Approved("omar", "lee"), sender);

        var decision = Deciding.Decide(facts, Policies);

        Assert.That(decision.Rejected(), Is.EqualTo(new[] { ("omar", "is-sender") }));
        Assert.That(decision.Filled(), Is.EqualTo(new[] { "lee" }));
    }

    [Test]
    public void Should_not_count_who_is_not_known_any_more_but_stands_behind_it() =>
        Assert.That(
            Deciding.Decide(Sent(Facts.Of().Approved("omar"), "left", "omar"), Policies).Rejected(),
            Is.EqualTo(new[] { ("omar", "is-sender") })
        );

    [Test]
    public void Should_keep_the_code_of_who_is_involved_in_another_way_too() =>
        Assert.That(
            Deciding.Decide(Sent(Facts.Of(requester: "omar").Approved("omar", "dana"), "omar", "dana"), Policies).Rejected(),
            Is.EqualTo(new[] { ("omar", "is-requester"), ("dana", "is-beneficiary") })
        );

    [Test]
    public void Should_not_let_the_sender_review()
    {
        var facts = Sent(Facts.Of(), "omar") with { Reviewer = "omar" };

        var decision = Deciding.Decide(DecisionPurpose.Review, facts, Texts.Permit("anybody", action: "review"));

        Assert.That(decision.Reasons, Is.EqualTo(new[] { DecisionReasons.ReviewerIsInvolved }));
    }

    [Test]
    public void Should_count_a_vote_for_what_is_asked() =>
        Assert.That(Deciding.Decide(For(Facts.Of().Approved("lee")), Policies).Outcome, Is.EqualTo(Outcome.Permit));

    [Test]
    public void Should_not_count_a_vote_for_something_else()
    {
        var voted = For(Facts.Of().Approved("lee"));
        var starting = For(Facts.Of().Starting(2 * Hour).Approved("lee"));
        Assert.Multiple(() =>
        {
            Changed(voted with { Place = voted.Place! with { Privilege = "orders_owner" } });
            Changed(voted with { Place = voted.Place! with { Account = "svc_billing" } });
            Changed(voted with { Place = null });
            Changed(voted with { Principal = "svc-billing" });
            Changed(voted.Starting(Hour));
            Changed(starting.Starting(3 * Hour));
            Changed(starting with { Request = starting.Request with { NotBefore = null } });
            Changed(Cast(voted, voted.Approvals[0].Ballot! with { Duration = 2 * Hour }));
            Changed(Cast(voted, voted.Approvals[0].Ballot! with { Digest = "" }));
        });
    }

    [Test]
    public void Should_count_a_vote_for_a_start_that_has_come()
    {
        var voted = For(Facts.Of().Starting(-Hour).Approved("lee"));

        Assert.That(Deciding.Decide(voted, Policies).Outcome, Is.EqualTo(Outcome.Permit));
        Assert.That(
            Deciding.Decide(voted with { Request = voted.Request with { NotBefore = null } }, Policies).Outcome,
            Is.EqualTo(Outcome.Permit)
        );
    }

    [Test]
    public void Should_never_give_more_time_than_was_voted_for()
    {
        var voted = For(Facts.Of().Approved("lee"));

        var decision = Deciding.Decide(voted.For(5 * Hour), Policies);

        Assert.That((decision.Outcome, decision.Duration), Is.EqualTo((Outcome.Permit, Hour)));
        Assert.That(decision.Cuts, Is.EqualTo(new[] { new DurationCut(5 * Hour, Hour, $"approval:{Facts.VoteId(1)}") }));
    }

    [Test]
    public void Should_hold_a_vote_of_before_that_was_recorded_against_its_revision_only()
    {
        var old = Facts.Of().Approved("lee") with { Place = new PlaceFacts("svc_reporting", "orders_owner") };

        Assert.That(Deciding.Decide(old, Policies).Outcome, Is.EqualTo(Outcome.Permit));
        Assert.That(
            Deciding.Decide(old with { Request = old.Request with { Revision = 2 } }, Policies).Rejected(),
            Is.EqualTo(new[] { ("lee", "stale") })
        );
    }

    private static void Changed(AccessFacts facts) =>
        Assert.That(Deciding.Decide(facts, Policies).Rejected(), Is.EqualTo(new[] { ("lee", "changed") }));

    private static AccessFacts Sent(AccessFacts facts, params string[] sentBy) =>
        facts.With(Facts.Nhi("svc-omar", PrincipalKind.ServiceAccount, "omar")) with
        {
            Request = facts.Request with { SentBy = sentBy },
        };

    /// <summary>The last vote is for what is asked.</summary>
    private static AccessFacts For(AccessFacts facts)
    {
        var (start, duration) = (facts.Request.NotBefore, facts.Request.Duration);
        var ballot = new Ballot
        {
            Principal = facts.Principal,
            Target = "orders-db",
            Account = "svc_reporting",
            Privilege = "orders_readonly",
            NotBefore = start,
            Duration = duration,
        };
        return Cast(
            facts with
            {
                Place = new PlaceFacts("svc_reporting", "orders_readonly"),
            },
            new BallotFacts(ballot.Digest(), start, duration)
        );
    }

    private static AccessFacts Cast(AccessFacts facts, BallotFacts ballot) =>
        facts with
        {
            Approvals = [.. facts.Approvals.SkipLast(1), facts.Approvals[^1] with { Ballot = ballot }],
        };
}
