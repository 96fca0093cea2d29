using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

public sealed class When_an_agent_acts_for_somebody
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static readonly string Permit = Texts.Permit("p");

    [TestCase("context has delegation")]
    [TestCase("context has delegation && context.delegation.depth == 2")]
    [TestCase("context has delegation && context.delegation.verified")]
    [TestCase("context has delegation && context.delegation.active")]
    [TestCase("context has delegation && context.delegation has human && context.delegation.human == Governance::Human::\"omar\"")]
    [TestCase("context has delegation && context.delegation.held == [resource, Governance::Entitlement::\"orders-db/writer\"]")]
    [TestCase(
        "context has delegation && context.delegation has heldUntil && context.delegation.heldUntil == datetime(\"2026-11-23T15:00:00.000Z\")"
    )]
    public void Should_show_policies_the_whole_chain(string condition)
    {
        // What everybody in the chain has, and until the first of them loses it.
        var facts = Agent()
            .Verified()
            .OnBehalfOf("svc-billing", 3 * Hour, "orders-db/writer", "orders-db/owner")
            .OnBehalfOf("omar", 5 * Hour, "ledger-db/approver", "orders-db/writer");
        foreach (var purpose in new[] { DecisionPurpose.Issue, DecisionPurpose.Renew, DecisionPurpose.Retain })
        {
            Assert.That(
                Deciding.Decide(purpose, facts, Texts.Permit("p", condition, action: Name(purpose))).Outcome,
                Is.EqualTo(Outcome.Permit)
            );
        }

        Assert.That(
            Deciding.Decide(facts, Permit, Texts.Forbid("asked", condition, action: "request")).PolicyIds(),
            Is.EqualTo(new[] { "asked" })
        );
    }

    [Test]
    public void Should_end_when_the_first_of_them_loses_it()
    {
        var decision = Deciding.Decide(Agent().OnBehalfOf("svc-billing", 2 * Hour).OnBehalfOf("omar", Hour / 3), Permit);

        Assert.That((decision.Outcome, decision.Duration), Is.EqualTo((Outcome.Permit, Hour / 3)));
        Assert.That(decision.Cuts, Is.EqualTo(new[] { new DurationCut(Hour, Hour / 3, "delegation:omar") }));
    }

    [Test]
    public void Should_end_with_their_right_where_the_change_window_starts_late()
    {
        var later = Texts.Permit("later", annotations: """@notBefore("change-window")""");
        var facts = Agent().Ticket().Window(Hour, 9 * Hour);

        var ends = Deciding.Decide(facts.OnBehalfOf("omar", 1.25 * Hour), later);
        Assert.That((ends.Outcome, ends.Duration), Is.EqualTo((Outcome.Permit, Hour / 4)));

        var over = Deciding.Decide(facts.OnBehalfOf("omar", Hour), later);
        Assert.That((over.Outcome, over.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.DelegationOver)));
    }

    [TestCase(0)]
    [TestCase(-3)]
    public void Should_not_begin_when_they_have_lost_it(int hours)
    {
        var decision = Deciding.Decide(Agent().OnBehalfOf("omar", hours * Hour), Permit);

        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.DelegationOver)));
        Assert.That(decision.Cuts, Is.EqualTo(new[] { new DurationCut(Hour, TimeSpan.Zero, "delegation:omar") }));
    }

    [Test]
    public void Should_not_go_on_when_they_have_lost_it()
    {
        var retain = Texts.Permit("p", action: "retain");
        Assert.That(
            Deciding.Decide(DecisionPurpose.Retain, Agent().OnBehalfOf("omar", Hour / 3), retain).Outcome,
            Is.EqualTo(Outcome.Permit),
            "as long as they have it, for however long it was given"
        );

        var over = Deciding.Decide(DecisionPurpose.Retain, Agent().OnBehalfOf("omar", TimeSpan.Zero), retain);
        Assert.That((over.Outcome, over.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.DelegationOver)));
    }

    [Test]
    public void Should_be_uncut_but_visible_when_somebody_has_no_such_right()
    {
        var facts = Agent().OnBehalfOf("svc-billing", Hour / 3).OnBehalfOf("omar", heldFor: null);

        Assert.That(Deciding.Decide(facts, Permit).Duration, Is.EqualTo(Hour));
        Assert.That(
            Deciding
                .Decide(
                    facts,
                    Permit,
                    Texts.Forbid("beyond", "context has delegation && !context.delegation.held.contains(resource)"),
                    Texts.Forbid("endless", "context has delegation && !(context.delegation has heldUntil)")
                )
                .PolicyIds(),
            Is.EqualTo(new[] { "beyond", "endless" })
        );
    }

    [Test]
    public void Should_know_a_claim_a_leaver_and_a_chain_without_a_human()
    {
        var doubtful = Agent()
            .OnBehalfOf("svc-billing", Hour)
            .With(Facts.Nhi("svc-billing", PrincipalKind.ServiceAccount, "dana") with { Active = false });

        Assert.That(
            Deciding
                .Decide(
                    doubtful,
                    Permit,
                    Texts.Forbid("claimed", "context has delegation && !context.delegation.verified"),
                    Texts.Forbid("left", "context has delegation && !context.delegation.active"),
                    Texts.Forbid("machines", "context has delegation && !(context.delegation has human)")
                )
                .PolicyIds(),
            Is.EqualTo(new[] { "claimed", "left", "machines" })
        );
    }

    [Test]
    public void Should_refuse_a_chain_that_makes_no_sense()
    {
        Invalid(Agent() with { Delegation = [] }, "names nobody");
        Invalid(Agent().OnBehalfOf("stranger", Hour), "stranger");
        Invalid(Agent().OnBehalfOf("omar", Hour).OnBehalfOf("omar", Hour), "twice");
        Invalid(Agent().OnBehalfOf("agent-triage", Hour), "twice");
    }

    [Test]
    public void Should_not_believe_an_agent_that_says_so_itself()
    {
        var facts = Agent().OnBehalfOf("omar", Hour).Verified();

        var decision = Deciding.Decide(facts, Permit, Texts.Forbid("claimed", "context has delegation && !context.delegation.verified"));

        Assert.That(decision.PolicyIds(), Is.EqualTo(new[] { "claimed" }));
    }

    [Test]
    public void Should_be_over_with_the_right_however_late_it_starts() =>
        Assert.That(
            Deciding.Decide(Agent().OnBehalfOf("svc-billing", 3 * Hour).OnBehalfOf("omar", 2 * Hour), Permit).NotAfter,
            Is.EqualTo(Facts.Now + (2 * Hour))
        );

    [TestCase("omar", "is-delegator")]
    [TestCase("lee", null)]
    public void Should_not_count_who_is_acted_for(string approver, string? code)
    {
        var facts = Agent().OnBehalfOf("omar", Hour).Vote(approver);

        var decision = Deciding.Decide(facts, Permit, Texts.Gate("gate", "1 of group:dba-oncall"));

        Assert.That(decision.Uncounted.SingleOrDefault()?.Code, Is.EqualTo(code));
        Assert.That(decision.Outcome, Is.EqualTo(code is null ? Outcome.Permit : Outcome.ApprovalRequired));
    }

    [Test]
    public void Should_not_count_who_owns_the_identity_that_is_acted_for() =>
        Assert.That(
            Deciding
                .Decide(
                    Facts
                        .Of(principal: "agent-triage", requester: "agent-triage")
                        .With(Facts.Nhi("svc-of-omar", PrincipalKind.ServiceAccount, "omar"))
                        .OnBehalfOf("svc-of-omar", Hour)
                        .Vote("omar"),
                    Permit,
                    Texts.Gate("gate", "1 of group:dba-oncall")
                )
                .Uncounted.Single()
                .Code,
            Is.EqualTo("is-delegator")
        );

    private static void Invalid(AccessFacts facts, string cause)
    {
        var decision = Deciding.Decide(facts, Permit);
        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.InvalidFacts)));
        Assert.That(decision.Errors.Single().Message, Does.Contain(cause));
    }

    private static string Name(DecisionPurpose purpose) =>
        purpose switch
        {
            DecisionPurpose.Issue => "issue",
            DecisionPurpose.Renew => "renew",
            _ => "retain",
        };

    private static AccessFacts Agent() => Facts.Of(principal: "agent-triage", requester: "agent-triage");
}
