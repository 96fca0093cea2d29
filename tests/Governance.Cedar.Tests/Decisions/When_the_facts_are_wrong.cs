using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

public sealed class When_the_facts_are_wrong
{
    public static IEnumerable<TestCaseData> Wrong()
    {
        static TestCaseData Case(string name, AccessFacts facts, string cause) => new TestCaseData(facts, cause).SetArgDisplayNames(name);
        var good = Facts.Of();

        yield return Case("unknown grantee", good with { Principal = "svc-unknown" }, "svc-unknown");
        yield return Case("unknown requester", good with { Request = good.Request with { Requester = "nobody" } }, "nobody");
        yield return Case("unknown entitlement", good with { Entitlement = "orders-db/nothing" }, "orders-db/nothing");
        yield return Case("unknown target", good with { Targets = [] }, "unknown target");
        yield return Case("unknown owner", good.With(Facts.Nhi("svc-reporting", PrincipalKind.ServiceAccount, "nobody")), "nobody");
        yield return Case(
            "unknown owner of the entitlement",
            good with
            {
                Entitlements = [.. good.Entitlements.Select(e => e with { Owner = "nobody" })],
            },
            "nobody"
        );
        yield return Case("unknown kind", good.With(good.Principals[6] with { Kind = (PrincipalKind)99 }), "Kind");
        yield return Case(
            "unknown risk",
            good with
            {
                Entitlements = [.. good.Entitlements.Select(e => e with { Risk = (Risk)99 })],
            },
            "Risk"
        );
        yield return Case(
            "owned by a machine",
            good.With(Facts.Nhi("svc-reporting", PrincipalKind.ServiceAccount, "svc-billing")),
            "not a human"
        );
        yield return Case("a human with an owner", good.With(Facts.Human("kim") with { Owner = "dana" }), "has an owner");
        yield return Case("no actor", good with { Actor = null }, "actor");
        yield return Case("another actor", good with { Actor = Facts.Actor("omar") }, "actor");
        yield return Case("twice the same principal", good with { Principals = [.. good.Principals, Facts.Human("omar")] }, "twice");
        yield return Case("a human with a sponsor", good.With(Facts.Human("kim") with { Sponsor = "dana" }), "sponsor");
        yield return Case(
            "sponsored by a machine",
            good.With(Facts.Nhi("svc-billing", PrincipalKind.ServiceAccount, owner: null) with { Sponsor = "svc-reporting" }),
            "not a human"
        );
        yield return Case("twice the same conflict", good.Conflict().Conflict(), "twice");
        yield return Case(
            "a ticket that a machine works on",
            good.Ticket() with
            {
                Request = good.Ticket().Request with { Ticket = good.Ticket().Request.Ticket! with { Assignee = "svc-billing" } },
            },
            "assignee"
        );
        yield return Case("no duration", good.For(TimeSpan.Zero), "duration");
        yield return Case("a negative duration", good.For(TimeSpan.FromHours(-1)), "");
        yield return Case("no system maximum", good with { SystemMaxDuration = TimeSpan.Zero }, "maximum");
        yield return Case("no list at all", good with { Held = null! }, "");
    }

    [TestCaseSource(nameof(Wrong))]
    public void Should_forbid_and_say_so(AccessFacts facts, string cause)
    {
        var decision = Deciding.Decide(facts, Texts.Permit("p"));
        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.InvalidFacts)));
        Assert.That(decision.Errors.Single().Message, Does.Contain(cause));
        Assert.That(decision.Steps, Is.Empty);
    }

    [Test]
    public void Should_go_on_when_the_catalog_lost_what_the_decision_is_not_about()
    {
        var facts = Facts
            .Of()
            .Ticket()
            .ActorHolds("orders-db/gone")
            .OnBehalfOf("omar", TimeSpan.FromHours(2), "orders-db/gone")
            .Approved("stranger")
            .Assigned("stranger");

        var decision = Deciding.Decide(
            facts,
            Texts.Permit(
                "p",
                """
                context.actorHeld.contains(Governance::Entitlement::"orders-db/gone") &&
                context has ticket && context.ticket has assignee && context.ticket.assignee == Governance::Human::"stranger"
                """
            ),
            Texts.Gate("gate", "1 of group:dba-oncall")
        );

        Assert.That(decision.Outcome, Is.EqualTo(Outcome.ApprovalRequired));
        Assert.That(decision.PolicyIds(), Is.EqualTo(new[] { "p", "gate" }));
        Assert.That(decision.Uncounted.Single().Code, Is.EqualTo("unknown"));
    }

    [Test]
    public void Should_forbid_when_a_policy_asks_for_more_than_the_id_of_what_was_lost()
    {
        var facts = Facts.Of().Ticket().Assigned("stranger");

        var decision = Deciding.Decide(
            facts,
            Texts.Permit("p"),
            Texts.Forbid("left", "context has ticket && context.ticket has assignee && !context.ticket.assignee.active")
        );

        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.EvaluationError)));
    }

    [Test]
    public void Should_still_decide_about_a_grantee_without_an_owner()
    {
        var facts = Facts.Of().With(Facts.Nhi("svc-reporting", PrincipalKind.ServiceAccount, owner: null)) with
        {
            Actor = null,
            Held = ["orders-db/writer"],
        };
        var decision = Deciding.Decide(
            facts,
            Texts.Permit("p", "context.actorHeld.contains(Governance::Entitlement::\"orders-db/writer\")")
        );
        Assert.That(decision.Outcome, Is.EqualTo(Outcome.Permit), string.Join("\n", decision.Errors));
    }

    [Test]
    public void Should_forbid_when_a_policy_asks_about_an_owner_who_is_not_there()
    {
        var facts = Facts.Of();
        facts = facts with
        {
            Entitlements = [.. facts.Entitlements.Select(e => e.Id == "orders-db/owner" ? e with { Owner = "elsewhere" } : e)],
        };
        Assert.That(Deciding.Decide(facts, Texts.Permit("p")).Outcome, Is.EqualTo(Outcome.Permit));

        var asking = Deciding.Decide(
            facts,
            Texts.Permit("p"),
            Texts.Forbid("f", "Governance::Entitlement::\"orders-db/owner\".owner.active && context.emergency")
        );
        Assert.That((asking.Outcome, asking.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.EvaluationError)));
    }

    [Test]
    public void Should_forbid_when_the_engine_fails()
    {
        using var small = CedarEngine.Create(new CedarEngineOptions { MaximumInstanceMemory = 16 * 1024 * 1024, RetainedInstances = 1 });
        var bundle = Texts.Bundle(Texts.MayRequest, Texts.Permit("p", "context.source != \"elsewhere\""));
        var facts = Facts.Of();
        facts = facts with { Request = facts.Request with { Source = new string('x', 24 * 1024 * 1024) } };
        var decision = new DecisionEngine(small).Decide(DecisionPurpose.Issue, Facts.Now, bundle, facts);
        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.EngineFailure)));
    }
}
