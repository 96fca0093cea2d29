using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

/// <summary>Each policy of deploy/policies holds in one case and not in another that differs by as little as it is about.</summary>
public sealed class When_each_sample_policy_is_met
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static AccessFacts Reading => Facts.Of().Ticket();

    private static AccessFacts Writing => Facts.Of("orders-db/writer");

    private static AccessFacts Ledger => Facts.Of("ledger-db/approver").Ticket(assurance: Assurance.Verified);

    private static AccessFacts Agent => Facts.Of(principal: "agent-triage", requester: "agent-triage").Ticket().Verified();

    private static AccessFacts Emergency => Facts.Of("orders-db/writer", "omar", "omar").Ticket("open").Emergency();

    public static IEnumerable<TestCaseData> Cases()
    {
        foreach (
            var (id, holds, not) in Requests().Concat(Guardrails()).Concat(Approvals()).Concat(Targets()).Concat(Agents()).Concat(Glass())
        )
        {
            yield return new TestCaseData(id, holds, not).SetArgDisplayNames(id);
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Should_hold_in_one_case_and_not_in_the_other(string id, AccessFacts holds, AccessFacts not)
    {
        var (held, other) = (Decide(holds), Decide(not));

        Assert.That(Determining(held), Does.Contain(id), Describe(held));
        Assert.That(Determining(other), Does.Not.Contain(id), Describe(other));
        if (
            SamplePolicies.WithTheQueue.Policies[id] is { Effect: PolicyEffect.Forbid, IsGate: false }
            && !id.StartsWith("approve-", StringComparison.Ordinal)
        )
        {
            Assert.That(held.Outcome, Is.EqualTo(Outcome.Forbid));
            Assert.That(other.Outcome, Is.Not.EqualTo(Outcome.Forbid), Describe(other));
        }
    }

    [Test]
    public void Should_meet_every_policy_that_there_is()
    {
        var met = Cases().Select(one => (string)one.Arguments[0]!).Concat(When_the_sample_policies_are_asked_who_may.Policies);

        Assert.That(met.Distinct(StringComparer.Ordinal), Is.EquivalentTo(SamplePolicies.Bundle.Policies.Keys));
    }

    private static IEnumerable<(string Id, AccessFacts Holds, AccessFacts Not)> Requests()
    {
        yield return ("request-for-oneself-or-an-own-identity", Reading, Facts.Of(requester: "omar").Ticket());
        yield return (
            "request-by-a-service-account-for-itself",
            Self(PrincipalKind.ServiceAccount),
            Facts.Of(requester: "svc-billing").Ticket()
        );
        yield return ("request-by-an-ai-agent-for-itself", Agent, Facts.Of(requester: "agent-triage").Ticket());
        yield return ("request-by-an-oauth-client-for-itself", Self(PrincipalKind.OauthClient).Verified(), Self(PrincipalKind.OauthClient));
        yield return ("request-by-a-certificate-for-itself", Self(PrincipalKind.Certificate).Verified(), Self(PrincipalKind.Certificate));
        yield return ("request-by-a-workload-for-itself", Self(PrincipalKind.Workload).Verified(), Self(PrincipalKind.Workload));
        yield return ("request-by-an-api-key", Self(PrincipalKind.ApiKey).Verified(), Kind(PrincipalKind.ApiKey));
        yield return ("request-by-the-inactive", Reading.With(Facts.Human("dana") with { Active = false }), Reading);
    }

    private static IEnumerable<(string Id, AccessFacts Holds, AccessFacts Not)> Guardrails()
    {
        var account = Facts.Nhi("svc-reporting", PrincipalKind.ServiceAccount, "dana");
        yield return ("inactive-grantee", Reading.With(account with { Active = false }), Reading);
        yield return ("no-active-owner", Self(PrincipalKind.ServiceAccount).With(Facts.Human("dana") with { Active = false }), Reading);
        yield return (
            "no-active-sponsor",
            Reading.With(account with { Sponsor = "lee" }, Facts.Human("lee") with { Active = false }),
            Reading.With(account with { Sponsor = "lee" })
        );
        yield return (
            "environment-isolation",
            Reading.With(account with { Environment = "staging" }),
            Reading.With(account with { Environment = null })
        );
        yield return ("separation-of-duties", Writing.ActorHolds("ledger-db/approver"), Writing.ActorHolds("orders-db/readonly"));
        yield return (
            "orders-db-owner-never-for-a-service-account",
            Elsewhere(Risk.Low) with
            {
                Entitlement = "orders-db/owner",
            },
            Elsewhere(Risk.Low)
        );
        yield return ("low-risk-for-a-month", Elsewhere(Risk.Low).For(31 * 24 * Hour), Elsewhere(Risk.Low).For(30 * 24 * Hour));
        yield return ("medium-risk-for-a-day", Elsewhere(Risk.Medium).For(25 * Hour), Elsewhere(Risk.Medium).For(24 * Hour));
        yield return ("high-risk-for-four-hours", Elsewhere(Risk.High).For(5 * Hour), Elsewhere(Risk.High).For(4 * Hour));
        yield return ("critical-risk-for-an-hour", Elsewhere(Risk.Critical).For(2 * Hour), Elsewhere(Risk.Critical));
        yield return ("change-window-is-over", TierOne(Ledger.Window(-2 * Hour, -Hour)), TierOne(Ledger.Window(-2 * Hour, Hour)));
        yield return (
            "change-window-needs-a-verified-ticket",
            TierOne(Facts.Of("ledger-db/approver").Ticket().Window(Hour, 2 * Hour)),
            TierOne(Ledger.Window(Hour, 2 * Hour))
        );
        yield return ("ticket-of-somebody-else", Reading.Assigned("omar"), Reading.Assigned("dana"));
    }

    private static IEnumerable<(string Id, AccessFacts Holds, AccessFacts Not)> Approvals()
    {
        yield return ("high-risk-needs-the-owner", Elsewhere(Risk.High), Elsewhere(Risk.Medium));
        yield return ("critical-risk-needs-two", Elsewhere(Risk.Critical), Elsewhere(Risk.High));
        yield return ("approve-as-dba-on-call", Elsewhere(Risk.Critical).Approved("omar"), Elsewhere(Risk.High).Approved("omar"));
        yield return ("approve-as-the-owner", Elsewhere(Risk.High).Approved("kim"), Writing.Approved("kim"));
        yield return (
            "approve-as-an-auditor",
            Elsewhere(Risk.High).With(Facts.Human("kim", "auditors")).Approved("kim"),
            Elsewhere(Risk.High).Approved("kim")
        );
    }

    private static IEnumerable<(string Id, AccessFacts Holds, AccessFacts Not)> Targets()
    {
        yield return ("orders-db-readonly", Reading, Facts.Of().Ticket("open"));
        yield return ("orders-db-writer", Writing.Approved("omar"), Reading);
        yield return ("high-risk-needs-a-dba", Writing, Reading);
        yield return ("ledger-db-approver", Ledger, Facts.Of("ledger-db/approver").Ticket("open", Assurance.Verified));
        yield return ("ledger-db-approver-within-its-change", Ledger.Window(Hour, 3 * Hour), Ledger);
        yield return ("ledger-db-approver-needs-a-verified-ticket", Facts.Of("ledger-db/approver").Ticket(), Ledger);
    }

    private static IEnumerable<(string Id, AccessFacts Holds, AccessFacts Not)> Agents()
    {
        var human = Elsewhere(Risk.Medium, "agent-triage").Verified();
        yield return ("agent-for-an-hour", Agent.For(2 * Hour), Agent);
        yield return ("agent-needs-a-human", human, human.OnBehalfOf("omar", Hour));
        yield return ("agent-never-critical", Elsewhere(Risk.Critical, "agent-triage"), Elsewhere(Risk.Critical));
        yield return (
            "delegation-is-only-claimed",
            Facts.Of(principal: "agent-triage", requester: "agent-triage").Ticket().OnBehalfOf("omar", Hour),
            Agent.OnBehalfOf("omar", Hour)
        );
        yield return (
            "delegation-by-the-inactive",
            Agent.OnBehalfOf("omar", Hour).With(Facts.Human("omar") with { Active = false }),
            Agent.OnBehalfOf("omar", Hour)
        );
        yield return (
            "delegation-without-a-human",
            Agent.OnBehalfOf("svc-billing", Hour),
            Agent.OnBehalfOf("svc-billing", Hour).OnBehalfOf("omar", Hour)
        );
        var chain = Agent.OnBehalfOf("svc-billing", Hour).OnBehalfOf("svc-reporting", Hour);
        yield return ("delegation-too-long", chain.OnBehalfOf("lee", Hour).OnBehalfOf("omar", Hour), chain.OnBehalfOf("omar", Hour));
        yield return (
            "delegation-beyond-the-right",
            Agent.OnBehalfOf("omar", heldFor: null, "orders-db/writer"),
            Agent.OnBehalfOf("omar", Hour)
        );
    }

    private static IEnumerable<(string Id, AccessFacts Holds, AccessFacts Not)> Glass()
    {
        yield return ("break-glass-as-dba-on-call", Emergency, Writing.Ticket("open").Emergency());
        yield return ("break-glass-never-critical", Emergency with { Entitlement = "orders-db/owner" }, Emergency);
        var own = Facts.Nhi("svc-omar", PrincipalKind.ServiceAccount, "omar");
        var forOwn = Emergency.With(own) with { Principal = own.Id };
        yield return ("break-glass-by-or-for-the-inactive", forOwn.With(own with { Active = false }), forOwn);
        var owning = Emergency with
        {
            Entitlement = "orders-db/owner",
            Entitlements = [.. Emergency.Entitlements.Select(e => e.Id == "orders-db/owner" ? e with { Risk = Risk.High } : e)],
        };
        yield return ("break-glass-owner-never-for-a-service-account", owning.With(own) with { Principal = own.Id }, owning);
        yield return (
            "break-glass-separation-of-duties",
            Emergency.ActorHolds("ledger-db/approver"),
            Emergency.ActorHolds("orders-db/readonly")
        );
        yield return ("break-glass-environment-isolation", forOwn.With(own with { Environment = "staging" }), forOwn);
        yield return (
            "break-glass-after-the-incident",
            Facts.Of("orders-db/writer", "omar", "omar").Ticket("closed").Emergency(),
            Emergency
        );
    }

    /// <summary>Of a target that the catalog does not have, with a permit for everything.</summary>
    private static AccessFacts Elsewhere(Risk risk, string principal = "svc-reporting")
    {
        var facts = Facts.Of(principal: principal);
        return facts with
        {
            Entitlement = "queue/worker",
            Entitlements =
            [
                .. facts.Entitlements,
                facts.Entitlements[0] with
                {
                    Id = "queue/worker",
                    Target = "queue",
                    Risk = risk,
                    MaxDuration = 1000 * Hour,
                    Conflicts = [],
                },
            ],
            Targets = [.. facts.Targets, facts.Targets[0] with { Id = "queue", Kind = "rabbitmq" }],
            SystemMaxDuration = 1000 * Hour,
        };
    }

    private static AccessFacts TierOne(AccessFacts facts) =>
        facts with
        {
            Targets = [.. facts.Targets.Select(target => target with { Tier = 1 })],
        };

    private static AccessFacts Kind(PrincipalKind kind) => Reading.With(Facts.Nhi("svc-reporting", kind, "dana"));

    private static AccessFacts Self(PrincipalKind kind)
    {
        var facts = Kind(kind);
        return facts with { Request = facts.Request with { Requester = "svc-reporting" } };
    }

    private static Decision Decide(AccessFacts facts) => SamplePolicies.WithTheQueue.Decide(facts);

    private static IEnumerable<string> Determining(Decision decision) => decision.Steps.SelectMany(step => step.Determining);

    private static string Describe(Decision decision) =>
        $"{string.Join(", ", decision.Reasons)}: {string.Join(", ", decision.Policies.Select(policy => policy.Id))} {string.Join(", ", decision.Errors.Select(error => error.Message))}";
}
