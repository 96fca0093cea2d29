using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>
/// The entities that a question can look at: those it names, and what leads on from them by attributes. Nothing leads out of a set: a
/// policy compares its members and can't look into them. Reading entities is most of what an evaluation costs.
/// </summary>
internal sealed class EntityReach
{
    private readonly KnownFacts _known;
    private readonly HashSet<string> _principals = new(StringComparer.Ordinal);
    private readonly HashSet<string> _entitlements = new(StringComparer.Ordinal);
    private readonly HashSet<string> _targets = new(StringComparer.Ordinal);

    private EntityReach(KnownFacts known) => _known = known;

    public bool Request { get; private set; }

    public IEnumerable<PrincipalFacts> Principals => _known.Facts.Principals.Where(principal => _principals.Contains(principal.Id));

    public IEnumerable<EntitlementFacts> Entitlements =>
        _known.Facts.Entitlements.Where(entitlement => _entitlements.Contains(entitlement.Id));

    public IEnumerable<TargetFacts> Targets => _known.Facts.Targets.Where(target => _targets.Contains(target.Id));

    /// <summary>From a question and the entities that policies name. Whoever is in the context of some question is in reach of each.</summary>
    public static EntityReach Of(KnownFacts known, CedarUid principal, CedarUid resource, IReadOnlySet<CedarUid> named)
    {
        var reach = new EntityReach(known);
        reach.Add(principal.Id);
        reach.Add(known.Grantee.Id);
        reach.Add(known.Requester.Id);
        reach.Add(known.Facts.Request.Ticket?.Assignee);
        reach.Add(known.Delegation?.Human);
        reach.AddEntitlement(known.Entitlement.Id);
        reach.Request = resource == CedarUids.Request(known.Facts.Request.Grant);
        foreach (var one in named)
        {
            // Ids of principals, entitlements and targets may be the same: one entity too many does no harm.
            reach.Add(one.Id);
            reach.AddEntitlement(one.Id);
            reach._targets.Add(one.Id);
            reach.Request |= one == CedarUids.Request(known.Facts.Request.Grant);
        }

        return reach;
    }

    /// <summary>Everything, whether a question reaches it or not.</summary>
    public static EntityReach All(KnownFacts known)
    {
        var reach = new EntityReach(known) { Request = true };
        reach._principals.UnionWith(known.Facts.Principals.Select(principal => principal.Id));
        reach._entitlements.UnionWith(known.Facts.Entitlements.Select(entitlement => entitlement.Id));
        reach._targets.UnionWith(known.Facts.Targets.Select(target => target.Id));
        return reach;
    }

    private void Add(string? id)
    {
        if (id is null || !_principals.Add(id) || _known.Find(id) is not { } principal)
        {
            return;
        }

        Add(principal.Owner);
        Add(principal.Sponsor);
    }

    private void AddEntitlement(string id)
    {
        if (_known.FindEntitlement(id) is { } entitlement && _entitlements.Add(id))
        {
            _targets.Add(entitlement.Target);
            Add(entitlement.Owner);
        }
    }
}
