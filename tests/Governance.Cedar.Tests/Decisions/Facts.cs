using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

/// <summary>The sample catalog: <c>svc-reporting</c>, owned by dana, asks through dana for <c>orders-db/readonly</c>. Tests change what they are about.</summary>
internal static class Facts
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static AccessFacts Of(
        string entitlement = "orders-db/readonly",
        string principal = "svc-reporting",
        string requester = "dana"
    ) =>
        new()
        {
            Catalog = "sha256:catalog",
            Request = new RequestFacts
            {
                Grant = new Guid("0f0e0d0c-0b0a-4009-8807-060504030201"),
                Requester = requester,
                RequesterAssurance = Assurance.Claimed,
                Via = "amqp",
                Source = "https://itsm.example.com/servicenow",
                Duration = TimeSpan.FromHours(1),
                Emergency = false,
                EmergencyAssurance = Assurance.Claimed,
            },
            Principal = principal,
            Entitlement = entitlement,
            Principals =
            [
                Human("dana"),
                Human("kim", "audit"),
                Human("lee", "dba-oncall"),
                Human("omar", "dba-oncall"),
                Nhi("agent-triage", PrincipalKind.AiAgent, "dana"),
                Nhi("svc-billing", PrincipalKind.ServiceAccount, "dana"),
                Nhi("svc-reporting", PrincipalKind.ServiceAccount, "dana"),
            ],
            Entitlements =
            [
                Entitlement("ledger-db/approver", "ledger-db", Risk.High, 4, "orders-db/writer"),
                Entitlement("orders-db/owner", "orders-db", Risk.Critical, 1),
                Entitlement("orders-db/readonly", "orders-db", Risk.Low, 8),
                Entitlement("orders-db/writer", "orders-db", Risk.High, 2, "ledger-db/approver"),
            ],
            Targets = [Target("ledger-db"), Target("orders-db")],
            Actor = principal switch
            {
                "dana" or "svc-reporting" or "svc-billing" or "agent-triage" => Actor("dana"),
                _ => Actor(principal),
            },
            Held = [],
            Approvals = [],
            SystemMaxDuration = TimeSpan.FromDays(30),
        };

    public static PrincipalFacts Human(string id, params string[] groups) =>
        new()
        {
            Id = id,
            Kind = PrincipalKind.Human,
            Active = true,
            Groups = groups,
        };

    public static PrincipalFacts Nhi(string id, PrincipalKind kind, string? owner, params string[] groups) =>
        new()
        {
            Id = id,
            Kind = kind,
            Owner = owner,
            Active = true,
            Groups = groups,
            Environment = "production",
        };

    public static ActorFacts Actor(string human) =>
        new()
        {
            Human = human,
            ConflictingHolders = [],
            Held = [],
        };

    public static AccessFacts Ticket(this AccessFacts facts, string? state = "approved", Assurance assurance = Assurance.Claimed) =>
        facts with
        {
            Request = facts.Request with
            {
                Ticket = new TicketFacts
                {
                    System = "servicenow",
                    Key = "RITM1",
                    State = state,
                    Assurance = assurance,
                },
            },
        };

    public static AccessFacts For(this AccessFacts facts, TimeSpan duration) =>
        facts with
        {
            Request = facts.Request with { Duration = duration },
        };

    public static AccessFacts Approved(this AccessFacts facts, params string[] approvers) =>
        approvers.Aggregate(facts, (before, approver) => before.Vote(approver));

    public static AccessFacts Vote(this AccessFacts facts, string approver, Assurance assurance = Assurance.Verified) =>
        facts with
        {
            Approvals =
            [
                .. facts.Approvals,
                new ApprovalFacts
                {
                    Id = VoteId(facts.Approvals.Count + 1),
                    Approver = approver,
                    At = Now,
                    Assurance = assurance,
                    Via = "http",
                },
            ],
        };

    public static Guid VoteId(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    /// <summary>Adds a principal or replaces the one with its id.</summary>
    public static AccessFacts With(this AccessFacts facts, params PrincipalFacts[] principals) =>
        facts with
        {
            Principals =
            [
                .. facts.Principals.Where(old =>
                    !Array.Exists(principals, added => string.Equals(added.Id, old.Id, StringComparison.Ordinal))
                ),
                .. principals,
            ],
        };

    public static AccessFacts ActorHolds(this AccessFacts facts, params string[] entitlements) =>
        facts with
        {
            Actor = facts.Actor! with { Held = entitlements },
        };

    /// <summary>With conflicts that have names, as the catalog declares them.</summary>
    public static AccessFacts Conflict(this AccessFacts facts, params ExemptionFacts[] exemptions) =>
        facts with
        {
            Conflicts =
            [
                .. facts.Conflicts ?? [],
                new ConflictFacts
                {
                    Id = "pay-and-approve",
                    Entitlements = ["ledger-db/approver", "orders-db/writer"],
                    Owner = "kim",
                    Exemptions = exemptions.Length == 0 ? null : exemptions,
                },
            ],
        };

    public static ExemptionFacts Exemption(
        TimeSpan until,
        TimeSpan from = default,
        string id = "migration",
        string human = "dana",
        string approvedBy = "kim"
    ) =>
        new()
        {
            Id = id,
            Human = human,
            From = Now + from,
            Until = Now + until,
            CompensatingControl = "every change is reviewed daily",
            ApprovedBy = approvedBy,
        };

    /// <summary>
    /// Adds somebody on whose behalf the grantee acts, who has the entitlement asked for as long as said. They are as well known to know of
    /// it as the requester is.
    /// </summary>
    public static AccessFacts OnBehalfOf(this AccessFacts facts, string principal, TimeSpan? heldFor, params string[] held) =>
        facts with
        {
            Request = facts.Request with { DelegationAssurance = facts.Request.DelegationAssurance ?? facts.Request.RequesterAssurance },
            Delegation =
            [
                .. facts.Delegation ?? [],
                new DelegatorFacts
                {
                    Principal = principal,
                    Held = heldFor is null ? held : [.. held, facts.Entitlement],
                    HeldUntil = Now + heldFor,
                },
            ],
        };

    /// <summary>Gives the ticket a change window.</summary>
    public static AccessFacts Window(this AccessFacts facts, TimeSpan start, TimeSpan end) =>
        facts with
        {
            Request = facts.Request with
            {
                Ticket = facts.Request.Ticket! with { ChangeWindow = new ChangeWindow(Now + start, Now + end) },
            },
        };

    public static AccessFacts Assigned(this AccessFacts facts, string assignee) =>
        facts with
        {
            Request = facts.Request with { Ticket = facts.Request.Ticket! with { Assignee = assignee } },
        };

    public static AccessFacts Starting(this AccessFacts facts, TimeSpan start) =>
        facts with
        {
            Request = facts.Request with { NotBefore = Now + start },
        };

    /// <summary>Asked for by somebody who was authenticated.</summary>
    public static AccessFacts Verified(this AccessFacts facts) =>
        facts with
        {
            Request = facts.Request with { RequesterAssurance = Assurance.Verified },
        };

    public static AccessFacts Emergency(this AccessFacts facts) =>
        facts.Verified() with
        {
            Request = facts.Verified().Request with { Emergency = true, EmergencyAssurance = Assurance.Verified },
        };

    /// <summary>Changes the last approval.</summary>
    public static AccessFacts Voted(this AccessFacts facts, TimeSpan? duration = null, int? revision = null) =>
        facts with
        {
            Approvals = [.. facts.Approvals.SkipLast(1), facts.Approvals[^1] with { Duration = duration, Revision = revision }],
        };

    private static EntitlementFacts Entitlement(string id, string target, Risk risk, int hours, params string[] conflicts) =>
        new()
        {
            Id = id,
            Target = target,
            Risk = risk,
            MaxDuration = TimeSpan.FromHours(hours),
            Owner = "kim",
            Privileges = ["SELECT"],
            Conflicts = conflicts,
        };

    private static TargetFacts Target(string id) =>
        new()
        {
            Id = id,
            Kind = "postgresql",
            Environment = "production",
            Tier = 2,
        };
}
