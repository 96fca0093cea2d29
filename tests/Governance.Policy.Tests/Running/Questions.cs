using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;

namespace Governance.Policy.Tests.Running;

internal static class Questions
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    /// <summary>svc-reporting wants to read orders for an hour, on an approved ticket.</summary>
    public static EvaluateAccess Of(string bundle)
    {
        var facts = CanonicalJson.Serialize(Facts(), WireJson.Options);
        return new EvaluateAccess
        {
            EvaluationId = Guid.NewGuid(),
            GrantId = Guid.NewGuid(),
            Now = Now,
            Bundle = bundle,
            Facts = facts,
            FactsDigest = CanonicalJson.Digest(facts),
        };
    }

    private static AccessFacts Facts() =>
        new()
        {
            Catalog = "sha256:catalog",
            Request = new RequestFacts
            {
                Grant = new Guid("0d9a6b1c-6f2e-5c3d-8a4b-1e2f3a4b5c6d"),
                Requester = "p-dana",
                RequesterAssurance = Assurance.Verified,
                Via = "amqp",
                Source = "https://itsm.example.com/servicenow",
                Duration = TimeSpan.FromHours(1),
                Emergency = false,
                EmergencyAssurance = Assurance.Claimed,
                Ticket = new TicketFacts
                {
                    System = "servicenow",
                    Key = "RITM0012345",
                    State = "approved",
                    Assurance = Assurance.Claimed,
                },
            },
            Principal = "svc-reporting",
            Entitlement = "orders-db/readonly",
            Principals =
            [
                new PrincipalFacts
                {
                    Id = "p-dana",
                    Kind = PrincipalKind.Human,
                    Active = true,
                    Groups = [],
                },
                new PrincipalFacts
                {
                    Id = "svc-reporting",
                    Kind = PrincipalKind.ServiceAccount,
                    Owner = "p-dana",
                    Active = true,
                    Groups = [],
                    Environment = "production",
                },
            ],
            Entitlements =
            [
                new EntitlementFacts
                {
                    Id = "orders-db/readonly",
                    Target = "orders-db",
                    Risk = Risk.Low,
                    MaxDuration = TimeSpan.FromHours(8),
                    Owner = "p-dana",
                    Privileges = ["select"],
                    Conflicts = [],
                },
            ],
            Targets =
            [
                new TargetFacts
                {
                    Id = "orders-db",
                    Kind = "postgresql",
                    Environment = "production",
                    Tier = 2,
                },
            ],
            Actor = new ActorFacts
            {
                Human = "p-dana",
                ConflictingHolders = [],
                Held = [],
            },
            Held = [],
            Approvals = [],
            SystemMaxDuration = TimeSpan.FromDays(30),
        };
}
