using System.Collections.Frozen;
using Governance.Contracts.Decisions;

namespace Governance.Catalog;

/// <summary>The catalog as one validated document. Immutable; named by its digest.</summary>
public sealed record CatalogContent
{
    public required IReadOnlyList<CatalogTarget> Targets { get; init; }
    public required IReadOnlyList<CatalogEntitlement> Entitlements { get; init; }
    public required IReadOnlyList<CatalogPrincipal> Principals { get; init; }
    public required IReadOnlyList<CatalogConflict> Conflicts { get; init; }
    public required IReadOnlyList<CatalogSource> Sources { get; init; }
}

public sealed record CatalogTarget(string Id, string Kind, string Environment, int Tier);

public sealed record CatalogEntitlement
{
    public required string Id { get; init; }
    public required string Target { get; init; }
    public required Risk Risk { get; init; }
    public required TimeSpan MaxDuration { get; init; }
    public required string Owner { get; init; }

    /// <summary>The right's name at the target.</summary>
    public required string Privilege { get; init; }

    /// <summary>What it lets its holder do, for people and policies.</summary>
    public required IReadOnlyList<string> Privileges { get; init; }
}

/// <summary>A human (opaque id, name) or an NHI (its id is its name).</summary>
public sealed record CatalogPrincipal
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required PrincipalKind Kind { get; init; }
    public string? Owner { get; init; }

    /// <summary>The human who answers for an NHI to the organisation, where that is not its owner.</summary>
    public string? Sponsor { get; init; }
    public required bool Active { get; init; }
    public required IReadOnlyList<string> Groups { get; init; }
    public string? Environment { get; init; }

    /// <summary>Account name by target.</summary>
    public required IReadOnlyDictionary<string, string> Accounts { get; init; }
}

/// <summary>Entitlements that one actor must not hold together. Exemptions are null when there are none.</summary>
public sealed record CatalogConflict(
    string Id,
    IReadOnlyList<string> Entitlements,
    string Reason,
    string Owner,
    IReadOnlyList<CatalogExemption>? Exemptions = null
);

/// <summary>A time-boxed exemption of one human, with every NHI of theirs, from a conflict.</summary>
public sealed record CatalogExemption
{
    public required string Id { get; init; }
    public required string Human { get; init; }
    public required DateTimeOffset From { get; init; }
    public required DateTimeOffset Until { get; init; }

    /// <summary>The control that stands in for the separation.</summary>
    public required string CompensatingControl { get; init; }
    public required string Reason { get; init; }

    /// <summary>The conflict's owner, who is never the human exempted.</summary>
    public required string ApprovedBy { get; init; }
}

/// <summary>A sender of requests, the broker users that prove it, and what it is then believed.</summary>
public sealed record CatalogSource(string Source, IReadOnlyList<string> Users, IReadOnlyList<string> TrustedFor);

/// <summary>A catalog with its digest and its indexes.</summary>
public sealed class LoadedCatalog
{
    private readonly FrozenDictionary<string, CatalogPrincipal> _principals;
    private readonly FrozenDictionary<string, CatalogPrincipal> _names;
    private readonly FrozenDictionary<string, CatalogEntitlement> _entitlements;
    private readonly FrozenDictionary<string, CatalogTarget> _targets;
    private readonly FrozenDictionary<string, string[]> _conflicts;
    private readonly FrozenDictionary<string, string[]> _owned;

    public LoadedCatalog(CatalogContent content, string digest)
    {
        Content = content;
        Digest = digest;
        _principals = content.Principals.ToFrozenDictionary(p => p.Id, StringComparer.Ordinal);
        _names = content.Principals.ToFrozenDictionary(p => p.Name, StringComparer.Ordinal);
        _entitlements = content.Entitlements.ToFrozenDictionary(e => e.Id, StringComparer.Ordinal);
        _targets = content.Targets.ToFrozenDictionary(t => t.Id, StringComparer.Ordinal);
        _conflicts = content
            .Conflicts.SelectMany(c =>
                c.Entitlements.SelectMany(e => c.Entitlements.Where(o => o != e).Select(o => (Entitlement: e, Other: o)))
            )
            .GroupBy(p => p.Entitlement, p => p.Other, StringComparer.Ordinal)
            .ToFrozenDictionary(
                g => g.Key,
                g => g.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray(),
                StringComparer.Ordinal
            );
        _owned = content
            .Principals.Where(p => p.Owner is not null)
            .GroupBy(p => p.Owner!, p => p.Id, StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => g.Order(StringComparer.Ordinal).ToArray(), StringComparer.Ordinal);
    }

    public CatalogContent Content { get; }

    public string Digest { get; }

    public CatalogPrincipal? Principal(string id) => _principals.GetValueOrDefault(id);

    /// <summary>By the name on the wire or the opaque id.</summary>
    public CatalogPrincipal? Find(string nameOrId) => _names.GetValueOrDefault(nameOrId) ?? _principals.GetValueOrDefault(nameOrId);

    public CatalogEntitlement? Entitlement(string id) => _entitlements.GetValueOrDefault(id);

    public CatalogTarget? Target(string id) => _targets.GetValueOrDefault(id);

    public IReadOnlyList<string> ConflictsOf(string entitlement) => _conflicts.GetValueOrDefault(entitlement) ?? [];

    /// <summary>The NHIs that a human owns.</summary>
    public IReadOnlyList<string> OwnedBy(string human) => _owned.GetValueOrDefault(human) ?? [];

    /// <summary>The human whose duties are to be kept apart when this principal gets something; null for an NHI without an owner.</summary>
    public string? ActorOf(CatalogPrincipal principal) => principal.Kind == PrincipalKind.Human ? principal.Id : principal.Owner;

    /// <summary>The name for the wire; the id when the catalog does not know it (any more).</summary>
    public string NameOf(string id) => _principals.GetValueOrDefault(id)?.Name ?? id;

    public IReadOnlyList<string> TrustOf(string source, string verifiedUser) =>
        verifiedUser.Length == 0
            ? []
            :
            [
                .. Content
                    .Sources.Where(s => s.Source == source && s.Users.Contains(verifiedUser, StringComparer.Ordinal))
                    .SelectMany(s => s.TrustedFor)
                    .Distinct(StringComparer.Ordinal),
            ];
}
