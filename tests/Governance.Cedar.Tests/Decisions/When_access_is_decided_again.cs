using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

public sealed class When_access_is_decided_again
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static readonly string Issue = Texts.Permit("issue");
    private static readonly string Renew = Texts.Permit("renew", action: "renew", annotations: """@maxDuration("PT30M")""");
    private static readonly string Retain = Texts.Permit("retain", action: "retain", annotations: """@maxDuration("PT30M")""");

    [TestCase(DecisionPurpose.Renew, "renew")]
    [TestCase(DecisionPurpose.Retain, "retain")]
    public void Should_ask_only_about_the_grantee_and_only_what_it_is_for(DecisionPurpose purpose, string action)
    {
        var decision = Deciding.Decide(purpose, Facts.Of(), Issue, Renew, Retain, Texts.Forbid("nobody-asks", action: "request"));

        Assert.That((decision.Outcome, decision.Purpose), Is.EqualTo((Outcome.Permit, purpose)));
        Assert.That(decision.PolicyIds(), Is.EqualTo(new[] { action }));
        Assert.That(decision.Purposes(), Is.All.EqualTo(action));
    }

    [Test]
    public void Should_record_by_which_rules()
    {
        var decision = Deciding.Decide(Facts.Of(), Issue);

        Assert.That((decision.Purpose, decision.Rules), Is.EqualTo((DecisionPurpose.Issue, DecisionEngine.Rules)));
    }

    [Test]
    public void Should_cut_a_renewal_as_if_it_were_issued()
    {
        var facts = Facts.Of().For(20 * Hour);
        var decision = Deciding.Decide(DecisionPurpose.Renew, facts, Renew);

        Assert.That(decision.Duration, Is.EqualTo(Hour / 2));
        Assert.That(decision.Cuts.Select(cut => cut.By), Is.EqualTo(new[] { "catalog", "policy:renew" }));
    }

    [Test]
    public void Should_ask_people_again_where_a_gate_names_renewals()
    {
        var gate = """
            @id("g") @approval("1 of owner")
            forbid(principal, action in [Governance::Action::"issue", Governance::Action::"renew"], resource);
            """;
        var asked = Deciding.Decide(DecisionPurpose.Renew, Facts.Of(), Renew, gate);
        Assert.That((asked.Outcome, asked.Gates[0].Id), Is.EqualTo((Outcome.ApprovalRequired, "g")));
        Assert.That(asked.Purposes(), Does.Contain("renew-without-gates"));

        Assert.That(Deciding.Decide(DecisionPurpose.Renew, Facts.Of().Approved("kim"), Renew, gate).Outcome, Is.EqualTo(Outcome.Permit));
        Assert.That(Deciding.Decide(DecisionPurpose.Retain, Facts.Of(), Retain, gate).Outcome, Is.EqualTo(Outcome.Permit), "nor retained");
        Assert.That(Deciding.Decide(DecisionPurpose.Renew, Facts.Of(), Renew, Texts.Gate("issue-only", "1 of owner")).Gates, Is.Empty);
    }

    [Test]
    public void Should_cut_nothing_of_what_is_there()
    {
        var facts = Facts.Of().For(20 * Hour).Conflict(Facts.Exemption(until: Hour));
        var decision = Deciding.Decide(DecisionPurpose.Retain, facts, Retain);

        Assert.That((decision.Outcome, decision.Duration), Is.EqualTo((Outcome.Permit, 20 * Hour)));
        Assert.That(decision.Cuts, Is.Empty);
        Assert.That(decision.Steps.Single().Duration, Is.EqualTo(20 * Hour));
    }

    [Test]
    public void Should_go_on_past_the_start_of_the_change_window_and_say_nothing_of_a_start() =>
        Assert.That(
            Deciding
                .Decide(
                    DecisionPurpose.Retain,
                    Facts.Of().Ticket().Window(Hour, 2 * Hour),
                    Texts.Permit("retain", action: "retain", annotations: """@notBefore("change-window")""")
                )
                .Obligations.NotBefore,
            Is.Null
        );

    [Test]
    public void Should_take_it_away_when_nothing_lets_it_go_on()
    {
        var unnamed = Deciding.Decide(DecisionPurpose.Retain, Facts.Of(), Issue, Renew);
        Assert.That((unnamed.Outcome, unnamed.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.NoPermit)));

        var forbidden = Deciding.Decide(DecisionPurpose.Retain, Facts.Of(), Retain, Texts.Forbid("gone", action: "retain"));
        Assert.That((forbidden.Outcome, forbidden.PolicyIds()), Is.EqualTo((Outcome.Forbid, new[] { "gone" })));

        var broken = Deciding.Decide(
            DecisionPurpose.Retain,
            Facts.Of(),
            Retain,
            Texts.Forbid("broken", "9223372036854775807 + 1 > 0", action: "retain")
        );
        Assert.That((broken.Outcome, broken.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.EvaluationError)));
    }

    [Test]
    public void Should_refuse_a_purpose_that_there_is_not()
    {
        var decision = Deciding.Decide((DecisionPurpose)9, Facts.Of(), Issue, Renew, Retain);

        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.InvalidFacts)));
    }
}
