using Governance.Cedar;
using Governance.Cedar.Bundles;
using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Benchmarks.Policy;

/// <summary>The sample catalog's facts: reading on an approved ticket, and writing that a database administrator approved.</summary>
internal static class Questions
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static AccessFacts Reading { get; } = Of("orders-db/readonly", approver: null);

    public static AccessFacts Writing { get; } = Of("orders-db/writer", approver: "p-2c88e013");

    /// <summary>Whether the grantee gets it, as the decision engine asks it.</summary>
    public static CedarRequest Raw(PolicyBundle bundle, AccessFacts facts)
    {
        var known = new KnownFacts(facts, Now);
        var (principal, resource) = (CedarUids.Principal(known.Grantee), CedarUids.Entitlement(facts.Entitlement));
        return new CedarRequest(
            principal,
            CedarUids.Action("issue"),
            resource,
            ContextDocument.ForHolding(known, Now, facts.Request.Duration),
            EntityDocument.Write(known, EntityReach.Of(known, principal, resource, bundle.Named))
        );
    }

    private static AccessFacts Of(string entitlement, string? approver) =>
        new()
        {
            Catalog = "sha256:" + new string('0', 64),
            Request = new RequestFacts
            {
                Grant = new Guid("0f0e0d0c-0b0a-4009-8807-060504030201"),
                Requester = "p-7d1f4a90",
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
                    Assurance = Assurance.Verified,
                },
            },
            Principal = "svc-reporting",
            Entitlement = entitlement,
            Principals =
            [
                Human("p-2c88e013", "dba-oncall"),
                Human("p-7d1f4a90"),
                Human("p-90a4c6f2", "auditors"),
                new PrincipalFacts
                {
                    Id = "svc-reporting",
                    Kind = PrincipalKind.ServiceAccount,
                    Owner = "p-7d1f4a90",
                    Active = true,
                    Groups = [],
                    Environment = "production",
                },
            ],
            Entitlements =
            [
                Entitlement("ledger-db/approver", "ledger-db", Risk.High, 4, "p-2c88e013", "orders-db/writer"),
                Entitlement("orders-db/readonly", "orders-db", Risk.Low, 8, "p-7d1f4a90"),
                Entitlement("orders-db/writer", "orders-db", Risk.High, 2, "p-7d1f4a90", "ledger-db/approver"),
            ],
            Targets = [Target("ledger-db", 1), Target("orders-db", 2)],
            Actor = new ActorFacts
            {
                Human = "p-7d1f4a90",
                ConflictingHolders = [],
                Held = ["orders-db/readonly"],
            },
            Held = [],
            Conflicts =
            [
                new ConflictFacts
                {
                    Id = "pay-and-approve",
                    Entitlements = ["ledger-db/approver", "orders-db/writer"],
                    Owner = "p-90a4c6f2",
                },
            ],
            Approvals = approver is null
                ? []
                :
                [
                    new ApprovalFacts
                    {
                        Id = new Guid("1f0e0d0c-0b0a-4009-8807-060504030201"),
                        Approver = approver,
                        At = Now,
                        Assurance = Assurance.Verified,
                        Via = "http",
                    },
                ],
            SystemMaxDuration = TimeSpan.FromDays(30),
        };

    private static PrincipalFacts Human(string id, params string[] groups) =>
        new()
        {
            Id = id,
            Kind = PrincipalKind.Human,
            Active = true,
            Groups = groups,
        };

    private static EntitlementFacts Entitlement(string id, string target, Risk risk, int hours, string owner, params string[] conflicts) =>
        new()
        {
            Id = id,
            Target = target,
            Risk = risk,
            MaxDuration = TimeSpan.FromHours(hours),
            Owner = owner,
            Privileges = ["select on public.orders"],
            Conflicts = conflicts,
        };

    private static TargetFacts Target(string id, int tier) =>
        new()
        {
            Id = id,
            Kind = "postgresql",
            Environment = "production",
            Tier = tier,
        };
}
