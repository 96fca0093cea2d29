using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

public sealed class When_the_duration_is_limited
{
    [Test]
    public void Should_be_cut_to_catalog_and_system_before_policies_see_it()
    {
        var facts = Facts.Of().For(TimeSpan.FromDays(3)) with { SystemMaxDuration = TimeSpan.FromHours(4) };
        var decision = Deciding.Decide(
            facts,
            Texts.Permit("p", "context.duration == duration(\"4h\")"),
            Texts.Forbid("asked", "context.duration != duration(\"3d\")", action: "request")
        );

        Assert.That(decision.Outcome, Is.EqualTo(Outcome.Permit));
        Assert.That(decision.Duration, Is.EqualTo(TimeSpan.FromHours(4)));
        Assert.That(
            decision.Cuts,
            Is.EqualTo(
                new[]
                {
                    new DurationCut(TimeSpan.FromDays(3), TimeSpan.FromHours(8), "catalog"),
                    new DurationCut(TimeSpan.FromHours(8), TimeSpan.FromHours(4), "system"),
                }
            )
        );
    }

    [Test]
    public void Should_be_cut_to_the_strictest_policy_and_evaluated_again()
    {
        var decision = Deciding.Decide(
            Facts.Of().For(TimeSpan.FromHours(6)),
            Texts.Permit("long", annotations: """@maxDuration("PT5H")"""),
            Texts.Permit("short", annotations: """@maxDuration("PT90M")"""),
            Texts.Permit("unlimited")
        );

        Assert.That(decision.Outcome, Is.EqualTo(Outcome.Permit));
        Assert.That(decision.Duration, Is.EqualTo(TimeSpan.FromMinutes(90)));
        Assert.That(decision.Cuts, Is.EqualTo(new[] { new DurationCut(TimeSpan.FromHours(6), TimeSpan.FromMinutes(90), "policy:short") }));
        Assert.That(decision.Obligations.MaxDuration, Is.EqualTo(TimeSpan.FromMinutes(90)));
        Assert.That(
            decision.Steps.Select(step => (step.Purpose, step.Duration)),
            Is.EqualTo(
                new[]
                {
                    ("request", (TimeSpan?)TimeSpan.FromHours(6)),
                    ("issue", TimeSpan.FromHours(6)),
                    ("issue", TimeSpan.FromMinutes(90)),
                }
            )
        );
    }

    [Test]
    public void Should_be_cut_by_a_gate_that_fired()
    {
        var decision = Deciding.Decide(
            Facts.Of(),
            Texts.Permit("p"),
            Texts.Gate("g", "1 of owner", annotations: """@maxDuration("PT10M")""")
        );
        Assert.That((decision.Outcome, decision.Duration), Is.EqualTo((Outcome.ApprovalRequired, TimeSpan.FromMinutes(10))));
    }

    [Test]
    public void Should_be_left_alone_when_short_enough()
    {
        var decision = Deciding.Decide(Facts.Of(), Texts.Permit("p", annotations: """@maxDuration("PT1H")"""));
        Assert.That((decision.Outcome, decision.Duration), Is.EqualTo((Outcome.Permit, TimeSpan.FromHours(1))));
        Assert.That(decision.Cuts, Is.Empty);
        Assert.That(decision.Purposes(), Is.EqualTo(new[] { "request", "issue" }));
    }

    [Test]
    public void Should_be_recorded_as_evaluated_the_second_time()
    {
        var decision = Deciding.Decide(
            Facts.Of(),
            Texts.Permit("long", annotations: """@maxDuration("PT30M")"""),
            Texts.Permit("short", "context.duration <= duration(\"30m\")", """@maxDuration("PT30M")"""),
            Texts.Gate("only-when-long", "1 of owner", "context.duration > duration(\"30m\")")
        );
        Assert.That(decision.Outcome, Is.EqualTo(Outcome.Permit), "the gate does not fire for what would really be given");
        Assert.That(decision.PolicyIds(), Is.EqualTo(new[] { "long", "short" }));
        Assert.That(decision.Gates, Is.Empty);
    }

    [Test]
    public void Should_forbid_when_it_would_have_to_be_cut_again()
    {
        var decision = Deciding.Decide(
            Facts.Of(),
            Texts.Permit("p", annotations: """@maxDuration("PT30M")"""),
            Texts.Permit("q", "context.duration <= duration(\"30m\")", """@maxDuration("PT10M")""")
        );
        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.Duration)));
        Assert.That(decision.Steps, Has.Count.EqualTo(3));
    }

    [Test]
    public void Should_forbid_when_the_cut_duration_is_denied()
    {
        var decision = Deciding.Decide(
            Facts.Of(),
            Texts.Permit("p", annotations: """@maxDuration("PT30M")"""),
            Texts.Forbid("too-short-to-be-useful", "context.duration < duration(\"45m\")")
        );
        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.Forbidden)));
        Assert.That(decision.PolicyIds(), Is.EqualTo(new[] { "too-short-to-be-useful" }));
    }

    [Test]
    public void Should_show_policies_no_less_than_would_be_given()
    {
        var facts = Facts.Of().For(TimeSpan.FromMinutes(1) + TimeSpan.FromTicks(1));
        Assert.That(Deciding.Decide(facts, Texts.Permit("p", "context.duration <= duration(\"1m\")")).Outcome, Is.EqualTo(Outcome.Forbid));
    }

    [Test]
    public void Should_collect_the_other_obligations_strictest_first()
    {
        var decision = Deciding.Decide(
            Facts.Of().Ticket().Approved("kim"),
            Texts.Permit("p", annotations: """@reviewWithin("P7D") @notify("group:dba-oncall, owner")"""),
            Texts.Permit("q", annotations: """@reviewWithin("P30D") @boundToTicket"""),
            Texts.Permit("silent", "context.emergency", """@reviewWithin("PT1S") @notify("user:nobody")"""),
            Texts.Gate("g", "1 of owner", annotations: """@reviewWithin("P1D") @notify("group:soc, owner")""")
        );
        Assert.That(decision.Outcome, Is.EqualTo(Outcome.Permit));
        Assert.That(decision.Obligations.ReviewWithin, Is.EqualTo(TimeSpan.FromDays(1)));
        Assert.That(decision.Obligations.BoundToTicket);
        Assert.That(decision.Obligations.Notify, Is.EqualTo(new[] { "group:dba-oncall", "group:soc", "owner" }));
    }
}
