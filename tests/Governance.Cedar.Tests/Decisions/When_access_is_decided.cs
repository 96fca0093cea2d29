using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

public sealed class When_access_is_decided
{
    [Test]
    public void Should_permit_what_a_permit_lets_through_and_record_everything()
    {
        var bundle = Texts.Bundle(
            Texts.MayRequest,
            Texts.Permit("p", annotations: """@reason("because")"""),
            Texts.Permit("q", "context.emergency")
        );
        var facts = Facts.Of();
        var decision = bundle.Decide(facts);

        Assert.That(decision.Outcome, Is.EqualTo(Outcome.Permit));
        Assert.That(decision.Reasons, Is.EqualTo(new[] { DecisionReasons.Permitted }));
        Assert.That(
            decision.Policies,
            Is.EqualTo(
                new[]
                {
                    new DeterminingPolicy
                    {
                        Id = "p",
                        Effect = PolicyEffect.Permit,
                        Reason = "because",
                        Risk = "low",
                        Rationale = "test",
                    },
                }
            )
        );
        Assert.That((decision.Bundle, decision.Schema), Is.EqualTo((bundle.Digest, bundle.SchemaDigest)));
        Assert.That(decision.Facts, Is.EqualTo(CanonicalJson.Digest(CanonicalJson.Serialize(facts, WireJson.Options))));
        Assert.That(decision.Engine, Is.EqualTo("cedar-wasm 4.13.0"));
        Assert.That(decision.Duration, Is.EqualTo(TimeSpan.FromHours(1)));
        Assert.That(decision.Errors, Is.Empty);
        Assert.That(decision.Purposes(), Is.EqualTo(new[] { "request", "issue" }));
        Assert.That(decision.Steps[0].Principal, Is.EqualTo("Governance::Human::\"dana\""));
        Assert.That(decision.Steps[1].Principal, Is.EqualTo("Governance::ServiceAccount::\"svc-reporting\""));
        Assert.That(decision.Steps[1].Resource, Is.EqualTo("Governance::Entitlement::\"orders-db/readonly\""));
        Assert.That(decision.Steps[1].Determining, Is.EqualTo(new[] { "p" }));
    }

    [Test]
    public void Should_come_out_the_same_again_from_what_was_stored()
    {
        var bundle = Texts.Bundle(Texts.MayRequest, Texts.MayApprove, Texts.Permit("p"), Texts.Gate("g", "1 of group:dba-oncall"));
        var facts = Facts.Of().Ticket().Approved("omar", "lee");
        var first = System.Text.Json.JsonSerializer.Serialize(bundle.Decide(facts), WireJson.Options);

        var stored = Governance.Cedar.Bundles.PolicyBundle.FromCanonicalJson(TheEngine.Shared, bundle.CanonicalJson).Bundle!;
        var storedFacts = System.Text.Json.JsonSerializer.Deserialize<AccessFacts>(
            CanonicalJson.Serialize(facts, WireJson.Options),
            WireJson.Options
        )!;
        Assert.That(System.Text.Json.JsonSerializer.Serialize(stored.Decide(storedFacts), WireJson.Options), Is.EqualTo(first));
    }

    [Test]
    public void Should_forbid_what_no_permit_names()
    {
        var decision = Deciding.Decide(Facts.Of(), Texts.Permit("other", "context.emergency"));
        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.NoPermit)));
        Assert.That(decision.Policies, Is.Empty);
    }

    [Test]
    public void Should_let_a_forbid_win_over_every_permit()
    {
        var decision = Deciding.Decide(Facts.Of(), Texts.Permit("p"), Texts.Forbid("f"));
        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.Forbidden)));
        Assert.That(decision.PolicyIds(), Is.EqualTo(new[] { "f" }));
    }

    [Test]
    public void Should_forbid_when_a_forbid_errors_beside_a_permit()
    {
        var decision = Deciding.Decide(Facts.Of(), Texts.Permit("p"), Texts.Forbid("f", Overflow));
        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.EvaluationError)));
        Assert.That(decision.Errors.Select(error => error.Policy), Is.EqualTo(new[] { "f" }));
        Assert.That(decision.Steps[^1].Answer, Is.EqualTo(PolicyEffect.Permit), "the engine skipped it");
    }

    [Test]
    public void Should_forbid_when_any_policy_errors_even_a_permit_that_is_not_needed()
    {
        var decision = Deciding.Decide(Facts.Of(), Texts.Permit("p"), Texts.Permit("q", Overflow));
        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.EvaluationError)));
    }

    [Test]
    public void Should_ask_first_whether_it_may_be_asked_for()
    {
        var silent = Texts.Bundle(Texts.Permit("p")).Decide(Facts.Of());
        Assert.That((silent.Outcome, silent.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.RequestNoPermit)));
        Assert.That(silent.Purposes(), Is.EqualTo(new[] { "request" }));

        var forbidden = Deciding.Decide(Facts.Of(), Texts.Permit("p"), Texts.Forbid("not-you", action: "request"));
        Assert.That((forbidden.Outcome, forbidden.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.RequestForbidden)));
        Assert.That(forbidden.PolicyIds(), Is.EqualTo(new[] { "not-you" }));

        var failing = Deciding.Decide(Facts.Of(), Texts.Permit("p"), Texts.Forbid("broken", Overflow, action: "request"));
        Assert.That((failing.Outcome, failing.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.EvaluationError)));
    }

    [TestCase("context.now == datetime(\"2026-11-23T12:00:00.000Z\")")]
    [TestCase("context.duration == duration(\"1h\")")]
    [TestCase(
        "context.requester.kind == \"human\" && context.requester has human && context.requester.human == Governance::Human::\"dana\""
    )]
    [TestCase(
        "context has ticket && context.ticket has state && context.ticket.state == \"approved\" && context.ticket.assurance == \"claimed\""
    )]
    [TestCase("context.held == [Governance::Entitlement::\"orders-db/owner\"]")]
    [TestCase("context.actorHeld == [Governance::Entitlement::\"orders-db/writer\", Governance::Entitlement::\"orders-db/owner\"]")]
    [TestCase("context.via == \"amqp\" && context.assurance == \"claimed\" && context.source like \"https://*\"")]
    [TestCase("context has notBefore && context.notBefore == datetime(\"2026-11-24T00:00:00Z\")")]
    [TestCase("resource in Governance::Target::\"orders-db\" && resource.risk == \"low\" && resource.maxDuration == duration(\"8h\")")]
    [TestCase("resource.owner == Governance::Human::\"kim\" && resource.owner in Governance::Group::\"audit\"")]
    [TestCase("resource.privileges == [\"SELECT\"]")]
    [TestCase(
        "principal is Governance::ServiceAccount && principal has environment && principal.environment like \"prod*\" && principal.active"
    )]
    [TestCase("principal is Governance::ServiceAccount && principal has owner && principal.owner.active")]
    public void Should_show_policies_the_facts(string condition)
    {
        var facts = Facts.Of().Ticket().ActorHolds("orders-db/writer") with { Held = ["orders-db/owner"] };
        facts = facts with
        {
            Request = facts.Request with { NotBefore = new DateTimeOffset(2026, 11, 24, 1, 0, 0, TimeSpan.FromHours(1)) },
        };

        var decision = Deciding.Decide(facts, Texts.Permit("p", condition));
        Assert.That(decision.Outcome, Is.EqualTo(Outcome.Permit), string.Join("\n", decision.Errors));
    }

    [Test]
    public void Should_see_a_conflict_whichever_side_of_the_catalog_names_it()
    {
        var facts = Facts.Of("orders-db/writer").ActorHolds("ledger-db/approver");
        facts = facts with
        {
            Entitlements = [.. facts.Entitlements.Select(e => e.Id is "orders-db/writer" ? e with { Conflicts = [] } : e)],
        };
        var decision = Deciding.Decide(facts, Texts.Permit("p"), Texts.Forbid("sod", "resource.conflicts.containsAny(context.actorHeld)"));
        Assert.That(decision.PolicyIds(), Is.EqualTo(new[] { "sod" }));
    }

    /// <summary>Well typed, and an error whenever it is evaluated.</summary>
    private const string Overflow = "9223372036854775807 + 1 > 0";
}
