using CsCheck;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

/// <summary>Random facts that are complete and don't contradict themselves.</summary>
internal static class AnyFacts
{
    private static readonly string[] Entitlements = ["ledger-db/approver", "orders-db/owner", "orders-db/readonly", "orders-db/writer"];
    private static readonly string[] People = ["dana", "kim", "lee", "omar"];

    private static readonly Gen<TimeSpan> Duration = Gen.OneOf(
        Gen.OneOf(1, 10, 30, 60, 120, 300, 1200, 5000).Select(minutes => TimeSpan.FromMinutes(minutes)),
        Gen.Long[1, TimeSpan.TicksPerDay].Select(TimeSpan.FromTicks)
    );

    private static readonly Gen<TimeSpan> Offset = Gen.Int[-180, 300].Select(minutes => TimeSpan.FromMinutes(minutes));

    private static readonly Gen<Assurance> Mostly = Gen.Frequency((4, Gen.Const(Assurance.Verified)), (1, Gen.Const(Assurance.Claimed)));

    private static readonly Gen<string[]> Some = Gen.Shuffle(Entitlements, 0, 2);

    /// <summary>True mostly.</summary>
    private static readonly Gen<bool> Usually = Gen.Int[0, 9].Select(n => n < 9);

    private static readonly Gen<AccessFacts> Grantees = Gen.Select(
        Gen.Enum<PrincipalKind>(),
        Gen.OneOf<string?>("dana", "dana", "omar", null),
        Gen.OneOf<string?>(null, null, "lee"),
        Gen.OneOf("dana", "omar", "grantee"),
        Gen.OneOf(Entitlements),
        Usually,
        Gen.OneOf<string?>("production", "staging", null),
        Gen.Shuffle(new[] { "dba-oncall", "audit" }, 0, 1),
        (kind, owner, sponsor, requester, entitlement, active, environment, groups) =>
        {
            var human = kind == PrincipalKind.Human;
            var grantee = new PrincipalFacts
            {
                Id = "grantee",
                Kind = kind,
                Owner = human ? null : owner,
                Sponsor = human ? null : sponsor,
                Active = active,
                Groups = groups,
                Environment = human ? null : environment,
            };
            var actor = human ? "grantee" : owner;
            return Facts.Of(entitlement, "grantee", requester).With(grantee) with { Actor = actor is null ? null : Facts.Actor(actor) };
        }
    );

    private static readonly Gen<TicketFacts?> Tickets = Gen.Select(
        Gen.OneOf(0, 1, 2),
        Gen.OneOf<string?>("approved", "closed", null),
        Mostly,
        Gen.OneOf<string?>("lee", null),
        Offset,
        Gen.Int[1, 600],
        (how, state, assurance, assignee, start, minutes) =>
            how == 0
                ? null
                : new TicketFacts
                {
                    System = "servicenow",
                    Key = "CHG1",
                    State = state,
                    Assurance = assurance,
                    Assignee = assignee,
                    ChangeWindow = how == 1 ? null : new ChangeWindow(Facts.Now + start, Facts.Now + start + TimeSpan.FromMinutes(minutes)),
                }
    );

    private static readonly Gen<ExemptionFacts[]> Exemptions = Gen.Select(
        Offset,
        Gen.Int[1, 600],
        Gen.OneOf("dana", "dana", "omar", "grantee"),
        Gen.OneOf("kim", "kim", "dana"),
        Gen.OneOf("a", "b", "c"),
        (from, minutes, human, approver, id) => Facts.Exemption(from + TimeSpan.FromMinutes(minutes), from, id, human, approver)
    ).Array[0, 2];

    private static readonly Gen<ConflictFacts[]?> Conflicts = Gen.Select(
            Gen.Shuffle(Entitlements, 2, 3),
            Exemptions,
            (entitlements, exemptions) =>
                new ConflictFacts
                {
                    Id = string.Join('+', entitlements.Order(StringComparer.Ordinal)),
                    Entitlements = entitlements,
                    Owner = "kim",
                    Exemptions = exemptions,
                }
        )
        .Array[0, 2]
        .Select(conflicts =>
            conflicts.Length == 0 ? null : conflicts.DistinctBy(conflict => conflict.Id, StringComparer.Ordinal).ToArray()
        );

    private static readonly Gen<DelegatorFacts[]?> Delegation = Gen.Select(
        Gen.Shuffle(new[] { "kim", "omar", "svc-billing" }, 0, 2),
        Some.Array[2],
        Offset.Array[2],
        Gen.Int[0, 2],
        (chain, held, until, lacking) =>
            chain.Length == 0
                ? null
                : chain
                    .Select(
                        (id, i) =>
                            new DelegatorFacts
                            {
                                Principal = id,
                                Held = held[i],
                                HeldUntil = i == lacking ? null : Facts.Now + until[i],
                            }
                    )
                    .ToArray()
    );

    /// <summary>A vote; some shorten, some are of another revision.</summary>
    public static Gen<ApprovalFacts> Approval(bool shortens) =>
        Gen.Select(
            Gen.OneOf([.. People, "gone", "grantee", "svc-billing"]),
            Mostly,
            Gen.Int[0, 3],
            Duration,
            Gen.OneOf<int?>(null, null, null, 1, 2),
            Gen.Guid,
            (approver, assurance, how, duration, revision, id) =>
                new ApprovalFacts
                {
                    Id = id,
                    Approver = approver,
                    At = Facts.Now,
                    Assurance = assurance,
                    Via = "http",
                    Duration = shortens && how == 0 ? duration : null,
                    Revision = revision,
                }
        );

    /// <summary>Any facts; whether an approver may have agreed to less than was asked for.</summary>
    public static Gen<AccessFacts> Of(bool shortened) =>
        Gen.Select(
            Gen.Select(Grantees, Some, Some, Conflicts),
            Gen.Select(Duration, Tickets, Delegation, Approval(shortened).Array[0, 4]),
            Gen.Select(Mostly, Gen.Int[0, 5], Mostly, Gen.OneOf<int?>(null, null, 1, 2)),
            Gen.Select(Gen.OneOf(0, 0, 90), Usually, Gen.OneOf<Guid?>(null, null, Guid.Empty), Gen.OneOf(30, 3)),
            (who, what, how, when) =>
            {
                var (facts, held, actorHeld, conflicts) = who;
                var (duration, ticket, delegation, approvals) = what;
                var (assurance, emergency, emergencyAssurance, revision) = how;
                var (delay, danaIsActive, overdue, systemHours) = when;
                return facts.With(
                    Facts.Human("dana", "dba-oncall") with
                    {
                        Active = danaIsActive,
                    },
                    Facts.Human("gone", "dba-oncall") with
                    {
                        Active = false,
                    }
                ) with
                {
                    Held = held,
                    Actor = facts.Actor is null ? null : facts.Actor with { Held = actorHeld },
                    Conflicts = conflicts,
                    Delegation = delegation,
                    OverdueReviews = overdue is { } id ? [id] : null,
                    Approvals = approvals,
                    SystemMaxDuration = TimeSpan.FromHours(systemHours),
                    Request = facts.Request with
                    {
                        Duration = duration,
                        Ticket = ticket,
                        RequesterAssurance = assurance,
                        Emergency = emergency == 0,
                        EmergencyAssurance = emergencyAssurance,
                        Revision = revision,
                        NotBefore = delay == 0 ? null : Facts.Now + TimeSpan.FromMinutes(delay),
                    },
                };
            }
        );
}
