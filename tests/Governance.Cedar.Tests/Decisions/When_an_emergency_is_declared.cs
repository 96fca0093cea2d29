using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

public sealed class When_an_emergency_is_declared
{
    private static readonly string[] Policies =
    [
        Texts.Permit("glass", "context.for.kind == \"service-account\"", action: "breakGlass"),
        Texts.Forbid("never-issue"),
    ];

    [Test]
    public void Should_ask_whether_the_human_may_break_glass_and_nothing_about_issuing()
    {
        var decision = Deciding.Decide(Declared(), Policies);

        Assert.That(decision.Outcome, Is.EqualTo(Outcome.Permit));
        Assert.That(decision.PolicyIds(), Is.EqualTo(new[] { "glass" }));
        Assert.That(decision.Purposes(), Is.EqualTo(new[] { "request", "break-glass" }));
        Assert.That(decision.Steps[1].Principal, Is.EqualTo("Governance::Human::\"dana\""));
        Assert.That(decision.Obligations.ReviewWithin, Is.EqualTo(TimeSpan.FromDays(1)), "always reviewed");
    }

    [Test]
    public void Should_be_denied_by_default()
    {
        var decision = Deciding.Decide(Declared(), Texts.Permit("ordinary"));

        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.NoPermit)));
    }

    [Test]
    public void Should_not_be_believed_from_nobody_or_without_an_incident()
    {
        var declared = Declared();
        var request = declared.Request;
        Assert.Multiple(() =>
        {
            Refused(
                declared with
                {
                    Request = request with { EmergencyAssurance = Assurance.Claimed },
                },
                DecisionReasons.EmergencyUnverified
            );
            Refused(
                declared with
                {
                    Request = request with { RequesterAssurance = Assurance.Claimed },
                },
                DecisionReasons.EmergencyUnverified
            );
            Refused(declared with { Request = request with { Requester = "svc-billing" } }, DecisionReasons.EmergencyNotHuman);
            Refused(declared with { Request = request with { Ticket = null } }, DecisionReasons.EmergencyWithoutIncident);
            Refused(declared.Starting(TimeSpan.FromMinutes(1)), DecisionReasons.EmergencyNotNow);
            Refused(declared.OnBehalfOf("omar", TimeSpan.FromHours(1)), DecisionReasons.EmergencyNotNow);
            Refused(declared with { OverdueReviews = [Guid.NewGuid()] }, DecisionReasons.ReviewOverdue);
        });
    }

    [TestCase(null, 24)]
    [TestCase("PT2H", 2)]
    public void Should_be_reviewed_within_a_day_or_as_a_policy_says(string? within, int hours)
    {
        var annotation = within is null ? "" : $"""@reviewWithin("{within}")""";
        var decision = Deciding.Decide(Declared(), Texts.Permit("glass", annotations: annotation, action: "breakGlass"));

        Assert.That(decision.Obligations.ReviewWithin, Is.EqualTo(TimeSpan.FromHours(hours)));
    }

    [TestCase(null, 1, Outcome.Permit)]
    [TestCase(null, 2, Outcome.Forbid)]
    [TestCase("1", 0, Outcome.Permit)]
    [TestCase("1", 1, Outcome.Forbid)]
    [TestCase("3", 2, Outcome.Permit)]
    [TestCase("3", 3, Outcome.Forbid)]
    public void Should_not_be_one_of_too_many_for_an_incident_that_nobody_has_reviewed(string? max, int unreviewed, Outcome outcome)
    {
        var annotation = max is null ? "" : $"""@maxUnreviewed("{max}")""";
        var facts = Declared() with { UnreviewedEmergencies = [.. Enumerable.Range(1, unreviewed).Select(Facts.VoteId)] };
        var glass = Texts.Permit("glass", annotations: annotation, action: "breakGlass");

        var decision = Deciding.Decide(facts, glass);

        Assert.That(decision.Outcome, Is.EqualTo(outcome));
        Assert.That(
            decision.Reasons[0],
            Is.EqualTo(outcome == Outcome.Forbid ? DecisionReasons.TooManyUnreviewed : DecisionReasons.Permitted)
        );
        Assert.That(Deciding.Decide(DecisionPurpose.Retain, facts, glass).Outcome, Is.EqualTo(Outcome.Permit), "what is there stays");
    }

    [Test]
    public void Should_be_bounded_by_the_strictest_policy()
    {
        var facts = Declared() with { UnreviewedEmergencies = [Facts.VoteId(1)] };

        var decision = Deciding.Decide(
            facts,
            Texts.Permit("wide", annotations: """@maxUnreviewed("5")""", action: "breakGlass"),
            Texts.Permit("narrow", annotations: """@maxUnreviewed("1")""", action: "breakGlass")
        );

        Assert.That(decision.Reasons, Is.EqualTo(new[] { DecisionReasons.TooManyUnreviewed }));
    }

    [Test]
    public void Should_ask_nobody_else()
    {
        var decision = Deciding.Decide(Declared(), [.. Policies, Texts.Gate("g", "1 of owner")]);

        Assert.That((decision.Outcome, decision.Gates.Count), Is.EqualTo((Outcome.Permit, 0)));
    }

    [Test]
    public void Should_still_have_to_be_allowed_to_ask()
    {
        var decision = Deciding.Decide(Declared(), [.. Policies, Texts.Forbid("not-you", action: "request")]);

        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.RequestForbidden)));
    }

    [Test]
    public void Should_be_decided_by_the_same_action_when_it_is_decided_again()
    {
        var kept = Deciding.Decide(DecisionPurpose.Retain, Declared(), Policies);
        Assert.That((kept.Outcome, kept.Purposes()[0]), Is.EqualTo((Outcome.Permit, "break-glass")));

        var lost = Deciding.Decide(DecisionPurpose.Retain, Declared(), [.. Policies, Texts.Forbid("over", action: "breakGlass")]);
        Assert.That((lost.Outcome, lost.PolicyIds()[0]), Is.EqualTo((Outcome.Forbid, "over")));
    }

    private static AccessFacts Declared() => Facts.Of().Ticket().Emergency();

    private static void Refused(AccessFacts facts, string reason)
    {
        var decision = Deciding.Decide(facts, Policies);
        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, reason)));
    }
}
