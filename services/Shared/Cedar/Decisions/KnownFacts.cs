using Governance.Contracts.Decisions;
using Governance.Voting;

namespace Governance.Cedar.Decisions;

/// <summary>The facts by id, after it was checked that they are complete and don't contradict themselves.</summary>
internal sealed class KnownFacts
{
    private readonly Dictionary<string, PrincipalFacts> _principals;
    private readonly Dictionary<string, EntitlementFacts> _entitlements;
    private readonly DateTimeOffset _now;

    public KnownFacts(AccessFacts facts, DateTimeOffset now)
    {
        Facts = facts;
        _now = now;
        _principals = Index(facts.Principals, principal => principal.Id, "principal");
        _entitlements = Index(facts.Entitlements, entitlement => entitlement.Id, "entitlement");
        var targets = Index(facts.Targets, target => target.Id, "target");

        Grantee = Principal(facts.Principal, "grantee");
        Requester = Principal(facts.Request.Requester, "requester");
        Entitlement = _entitlements.GetValueOrDefault(facts.Entitlement) ?? throw Missing("entitlement", facts.Entitlement, "the request");
        ActorHeld = [.. facts.Held.Concat(facts.Actor?.Held ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

        foreach (var principal in facts.Principals)
        {
            CheckOwner(principal);
        }

        foreach (var entitlement in facts.Entitlements)
        {
            RefuseOther(entitlement.Owner, $"owner of the entitlement {entitlement.Id}");
            _ =
                targets.GetValueOrDefault(entitlement.Target)
                ?? throw Missing("target", entitlement.Target, $"the entitlement {entitlement.Id}");
            RequirePositive(entitlement.MaxDuration, $"the maximum duration of {entitlement.Id}");
            _ = PrincipalKinds.NameOf(entitlement.Risk);
            RequireNames(entitlement.Privileges, $"privilege of the entitlement {entitlement.Id}");
        }

        // What is held may be gone from the catalog; then policies know nothing but its id.
        RequireNames(ActorHeld, "entitlement that the actor holds");
        RequireNames(facts.Request.SentBy ?? [], "sender of the request");
        foreach (var delegator in facts.Delegation ?? [])
        {
            RequireNames(delegator.Held, $"entitlement that {delegator.Principal} has");
        }

        foreach (var approval in facts.Approvals)
        {
            if (approval.Duration is { } agreed)
            {
                RequirePositive(agreed, $"the duration that {approval.Approver} agreed to");
            }

            if (approval.Ballot is { } ballot)
            {
                RequirePositive(ballot.Duration, $"the duration that {approval.Approver} voted for");
            }
        }

        RequireHuman(Entitlement.Owner, $"owner of the entitlement {Entitlement.Id}");
        RequireOwner(Grantee);
        RequireOwner(Requester);
        RequirePositive(facts.Request.Duration, "the requested duration");
        RequirePositive(facts.SystemMaxDuration, "the system's maximum duration");
        CheckActor(facts.Actor);
        Start = facts.Request.NotBefore is { } notBefore && notBefore > now ? notBefore : now;
        _ = Index(facts.Conflicts ?? [], conflict => conflict.Id, "conflict");
        Conflicts = new KnownConflicts(facts, _entitlements, Start);
        Delegation = KnownDelegation.Of(facts, Principal);
        if (facts.Request.Ticket is { } ticket)
        {
            CheckTicket(ticket);
        }

        Stake = Stake.Of(
            Requester.Id,
            facts.Request.SentBy,
            Grantee.Id,
            facts.Delegation?.Select(delegator => delegator.Principal),
            id => Find(id)?.Owner
        );
    }

    public AccessFacts Facts { get; }

    public PrincipalFacts Grantee { get; }

    public PrincipalFacts Requester { get; }

    public EntitlementFacts Entitlement { get; }

    /// <summary>What the actor holds by other grants; the grantee's own if nobody is behind it.</summary>
    public IReadOnlyList<string> ActorHeld { get; }

    /// <summary>When the access would start as asked for: now, or later.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>What conflicts with what for the actor.</summary>
    public KnownConflicts Conflicts { get; }

    /// <summary>On whose behalf the grantee acts; null if for itself.</summary>
    public KnownDelegation? Delegation { get; }

    /// <summary>Who stands behind the request.</summary>
    public Stake Stake { get; }

    /// <summary>A claim of an emergency counts only if it was verified.</summary>
    public bool IsEmergency => Facts.Request is { Emergency: true, EmergencyAssurance: Assurance.Verified };

    public PrincipalFacts Principal(string id, string role) =>
        _principals.GetValueOrDefault(id) ?? throw Missing("principal", id, $"the {role}");

    public PrincipalFacts? Find(string id) => _principals.GetValueOrDefault(id);

    /// <summary>Somebody as the voting rules see them; null if the facts don't know them.</summary>
    public Person? PersonOf(string id) => Find(id) is { } principal ? PersonOf(principal) : null;

    public static Person PersonOf(PrincipalFacts principal) => new(principal.Id, principal.Kind, principal.Active, principal.Groups);

    /// <summary>Whether what is asked now is what the vote was for. What has started has the same start as what starts at once.</summary>
    public bool IsFor(BallotFacts ballot) =>
        Facts.Place is { } place
        && Ahead(Facts.Request.NotBefore) == Ahead(ballot.NotBefore)
        && string.Equals(
            ballot.Digest,
            new Ballot
            {
                Principal = Facts.Principal,
                Target = Entitlement.Target,
                Account = place.Account,
                Privilege = place.Privilege,
                NotBefore = ballot.NotBefore,
                Duration = ballot.Duration,
            }.Digest(),
            StringComparison.Ordinal
        );

    public EntitlementFacts? FindEntitlement(string id) => _entitlements.GetValueOrDefault(id);

    /// <summary>The human behind a principal: itself, or its owner; null if there is none.</summary>
    public static string? ActorOf(PrincipalFacts principal) => principal.Kind == PrincipalKind.Human ? principal.Id : principal.Owner;

    private DateTimeOffset? Ahead(DateTimeOffset? moment) => moment > _now ? moment : null;

    private void CheckOwner(PrincipalFacts principal)
    {
        _ = PrincipalKinds.Of(principal.Kind);
        RequireNames(principal.Groups, $"group of the principal {principal.Id}");
        if (principal.Kind == PrincipalKind.Human && (principal.Owner ?? principal.Sponsor) is not null)
        {
            throw new InvalidFactsException($"the human {principal.Id} has an owner or a sponsor");
        }

        if (principal.Owner is not null)
        {
            RefuseOther(principal.Owner, $"owner of the principal {principal.Id}");
        }

        if (principal.Sponsor is not null)
        {
            RefuseOther(principal.Sponsor, $"sponsor of the principal {principal.Id}");
        }
    }

    private void RequireOwner(PrincipalFacts principal)
    {
        if (principal.Owner is not null)
        {
            RequireHuman(principal.Owner, $"owner of the principal {principal.Id}");
        }
    }

    private void CheckTicket(TicketFacts ticket)
    {
        if (ticket.Assignee is not null)
        {
            RefuseOther(ticket.Assignee, "assignee of the ticket");
        }

        if (ticket.ChangeWindow is { } window && window.End <= window.Start)
        {
            throw new InvalidFactsException("the change window of the ticket ends before it starts");
        }
    }

    private void CheckActor(ActorFacts? actor)
    {
        var human = ActorOf(Grantee);
        if (!string.Equals(human, actor?.Human, StringComparison.Ordinal))
        {
            throw new InvalidFactsException(
                $"the actor is {actor?.Human ?? "missing"}, but the human behind the grantee is {human ?? "missing"}"
            );
        }

        if (actor is not null)
        {
            RequireHuman(actor.Human, "actor");
        }
    }

    private void RequireHuman(string id, string role)
    {
        _ = Principal(id, role);
        RefuseOther(id, role);
    }

    // Owners of what the decision is not about may be missing: a policy that asks for more than their id then errs, which forbids.
    private void RefuseOther(string id, string role)
    {
        if (_principals.TryGetValue(id, out var principal) && principal.Kind != PrincipalKind.Human)
        {
            throw new InvalidFactsException($"the {role}, {id}, is not a human");
        }
    }

    private static void RequirePositive(TimeSpan duration, string name)
    {
        if (duration <= TimeSpan.Zero)
        {
            throw new InvalidFactsException($"{name} is not longer than zero");
        }
    }

    private static void RequireNames(IReadOnlyList<string> names, string role)
    {
        if (names.Any(name => name is null))
        {
            throw new InvalidFactsException($"a {role} is null");
        }
    }

    private static Dictionary<string, T> Index<T>(IReadOnlyList<T> items, Func<T, string> id, string name)
    {
        var index = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (!index.TryAdd(id(item), item))
            {
                throw new InvalidFactsException($"the {name} {id(item)} is there twice");
            }
        }

        return index;
    }

    private static InvalidFactsException Missing(string what, string id, string whose) => new($"unknown {what} {id}, named as {whose}");
}
