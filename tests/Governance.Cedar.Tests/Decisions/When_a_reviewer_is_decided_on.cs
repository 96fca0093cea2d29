using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

public sealed class When_a_reviewer_is_decided_on
{
    private static readonly string Auditors = Texts.Permit(
        "auditors",
        "principal in Governance::Group::\"audit\" && context.for.kind == \"service-account\"",
        action: "review"
    );

    [Test]
    public void Should_ask_policy_about_the_reviewer_and_nothing_else()
    {
        var decision = Decide("kim", Auditors);

        Assert.That(decision.Outcome, Is.EqualTo(Outcome.Permit));
        Assert.That(decision.PolicyIds(), Is.EqualTo(new[] { "auditors" }));
        Assert.That(decision.Purposes(), Is.EqualTo(new[] { "review" }));
        Assert.That(decision.Steps[0].Principal, Is.EqualTo("Governance::Human::\"kim\""));
    }

    [TestCase("lee", DecisionReasons.NoPermit)]
    [TestCase("dana", DecisionReasons.ReviewerIsInvolved)]
    [TestCase("svc-billing", DecisionReasons.ReviewerNotHuman)]
    [TestCase("nobody", DecisionReasons.InvalidFacts)]
    [TestCase(null, DecisionReasons.InvalidFacts)]
    public void Should_deny_everybody_else(string? reviewer, string reason)
    {
        var decision = Decide(reviewer, Auditors, Texts.Permit("anybody", "principal == Governance::Human::\"dana\"", action: "review"));

        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, reason)));
    }

    [Test]
    public void Should_deny_who_is_acted_for() =>
        Assert.That(
            Deciding
                .Decide(DecisionPurpose.Review, Facts.Of().OnBehalfOf("kim", TimeSpan.FromHours(1)) with { Reviewer = "kim" }, Auditors)
                .Reasons,
            Is.EqualTo(new[] { DecisionReasons.ReviewerIsInvolved })
        );

    [Test]
    public void Should_be_denied_by_a_forbid_and_by_an_error()
    {
        Assert.That(Decide("kim", Auditors, Texts.Forbid("not-now", action: "review")).PolicyIds(), Is.EqualTo(new[] { "not-now" }));
        var failing = Decide(
            "kim",
            Auditors,
            Texts.Forbid("broken", "9223372036854775807 + context.now.toTime().toMilliseconds() > 0", action: "review")
        );
        Assert.That((failing.Outcome, failing.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.EvaluationError)));
    }

    private static Decision Decide(string? reviewer, params string[] policies) =>
        Deciding.Decide(DecisionPurpose.Review, Facts.Of() with { Reviewer = reviewer }, policies);
}
