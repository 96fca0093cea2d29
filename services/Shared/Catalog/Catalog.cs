using System.Collections.Frozen;
using Governance.Contracts.Decisions;

namespace Governance.Catalog;

/// <summary>The catalog as one validated document. Immutable; named by its digest.</summary>
public sealed record CatalogContent
{
    /// <summary>Systems with a connector, in order of their ids, as every list here is.</summary>
    public required IReadOnlyList<CatalogTarget> Targets { get; init; }

    /// <summary>What can be granted.</summary>
    public required IReadOnlyList<CatalogEntitlement> Entitlements { get; init; }

    /// <summary>Humans and non-human identities.</summary>
    public required IReadOnlyList<CatalogPrincipal> Principals { get; init; }

    /// <summary>What one actor must not hold together.</summary>
    public required IReadOnlyList<CatalogConflict> Conflicts { get; init; }

    /// <summary>Senders of requests and what they are believed.</summary>
    public required IReadOnlyList<CatalogSource> Sources { get; init; }
}

/// <summary>A system with a connector.</summary>
/// <param name="Id">Id, for example <c>orders-db</c>.</param>
/// <param name="Kind">Kind of its connector, for example <c>postgresql</c>.</param>
/// <param name="Environment">Environment, for example <c>production</c>.</param>
/// <param name="Tier">Criticality: 1 is the most critical.</param>
/// <param name="ActivationBudget">How long giving access may take there, from a second to a day; null for the installation's own.</param>
public sealed record CatalogTarget(string Id, string Kind, string Environment, int Tier, TimeSpan? ActivationBudget = null);

/// <summary>A grantable right on a target.</summary>
public sealed record CatalogEntitlement
{
    /// <summary>Id, for example <c>orders-db/readonly</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Id of its target.</summary>
    public required string Target { get; init; }

    /// <summary>How much harm it can do.</summary>
    public required Risk Risk { get; init; }

    /// <summary>The longest that it is ever given; longer than zero.</summary>
    public required TimeSpan MaxDuration { get; init; }

    /// <summary>Opaque id of the human who answers for it.</summary>
    public required string Owner { get; init; }

    /// <summary>The right's name at the target.</summary>
    public required string Privilege { get; init; }

    /// <summary>What it lets its holder do, for people and policies.</summary>
    public required IReadOnlyList<string> Privileges { get; init; }
}

/// <summary>A human (opaque id, name) or an NHI (its id is its name).</summary>
public sealed record CatalogPrincipal
{
    /// <summary>Opaque for a human.</summary>
    public required string Id { get; init; }

    /// <summary>The name on the wire.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required PrincipalKind Kind { get; init; }

    /// <summary>Opaque id of the human who is responsible for an NHI; null for humans, and where there is none.</summary>
    public string? Owner { get; init; }

    /// <summary>The human who answers for an NHI to the organisation, where that is not its owner.</summary>
    public string? Sponsor { get; init; }

    /// <summary>False for who left or what was retired.</summary>
    public required bool Active { get; init; }

    /// <summary>Names of its groups, in ordinal order.</summary>
    public required IReadOnlyList<string> Groups { get; init; }

    /// <summary>Where an NHI runs; null when not known.</summary>
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
    /// <summary>Unique in the catalog.</summary>
    public required string Id { get; init; }

    /// <summary>Opaque id of whom it exempts.</summary>
    public required string Human { get; init; }

    /// <summary>From then (UTC).</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Until then (UTC), at most 366 days after <see cref="From"/>.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>The control that stands in for the separation.</summary>
    public required string CompensatingControl { get; init; }

    /// <summary>Why, for people.</summary>
    public required string Reason { get; init; }

    /// <summary>The conflict's owner, who is never the human exempted.</summary>
    public required string ApprovedBy { get; init; }
}

/// <summary>A sender of requests, who proves it, and what it is then believed.</summary>
/// <param name="Source">The CloudEvent source.</param>
/// <param name="Users">Broker users, or principals by name, that it sends as.</param>
/// <param name="TrustedFor">What it may vouch for.</param>
/// <param name="Owner">Opaque id of the human who answers for it, and decides on nothing that it sends; null when the catalog names nobody.</param>
/// <param name="Callers">Ids of non-human principals that prove it over HTTP; null for none.</param>
public sealed record CatalogSource(
    string Source,
    IReadOnlyList<string> Users,
    IReadOnlyList<string> TrustedFor,
    string? Owner = null,
    IReadOnlyList<string>? Callers = null
)
{
    /// <summary>A ticket in such a state is approved.</summary>
    public const string Approved = "approved";

    /// <summary>A ticket in such a state is open: it approves nothing.</summary>
    public const string Open = "open";

    /// <summary>A ticket in such a state is rejected.</summary>
    public const string Rejected = "rejected";

    /// <summary>A ticket in such a state is over.</summary>
    public const string Closed = "closed";

    /// <summary>What its words for the states of tickets mean, where that is not what everybody means by them; null when it has none of its own.</summary>
    public IReadOnlyDictionary<string, string>? States { get; init; }
}

/// <summary>A catalog with its digest and its indexes.</summary>
public sealed class LoadedCatalog
{
    private readonly FrozenDictionary<string, CatalogPrincipal> _principals;
    private readonly FrozenDictionary<string, CatalogPrincipal> _names;
    private readonly FrozenDictionary<string, CatalogEntitlement> _entitlements;
    private readonly FrozenDictionary<string, CatalogTarget> _targets;
    private readonly FrozenDictionary<string, string[]> _conflicts;
    private readonly FrozenDictionary<string, string[]> _owned;

    /// <summary>Indexes a catalog.</summary>
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

    /// <summary>The document.</summary>
    public CatalogContent Content { get; }

    /// <summary><c>sha256:…</c> of the canonical form.</summary>
    public string Digest { get; }

    /// <summary>By id; null if there is none.</summary>
    public CatalogPrincipal? Principal(string id) => _principals.GetValueOrDefault(id);

    /// <summary>By the name on the wire or the opaque id.</summary>
    public CatalogPrincipal? Find(string nameOrId) => _names.GetValueOrDefault(nameOrId) ?? _principals.GetValueOrDefault(nameOrId);

    /// <summary>By id; null if there is none.</summary>
    public CatalogEntitlement? Entitlement(string id) => _entitlements.GetValueOrDefault(id);

    /// <summary>By id; null if there is none.</summary>
    public CatalogTarget? Target(string id) => _targets.GetValueOrDefault(id);

    /// <summary>What the same actor must not hold beside it, exemptions left aside.</summary>
    public IReadOnlyList<string> ConflictsOf(string entitlement) => _conflicts.GetValueOrDefault(entitlement) ?? [];

    /// <summary>The NHIs that a human owns.</summary>
    public IReadOnlyList<string> OwnedBy(string human) => _owned.GetValueOrDefault(human) ?? [];

    /// <summary>The human whose duties are to be kept apart when this principal gets something; null for an NHI without an owner.</summary>
    public string? ActorOf(CatalogPrincipal principal) => principal.Kind == PrincipalKind.Human ? principal.Id : principal.Owner;

    /// <summary>The name for the wire; the id when the catalog does not know it (any more).</summary>
    public string NameOf(string id) => _principals.GetValueOrDefault(id)?.Name ?? id;

    /// <summary>What a source means by a ticket's state; null where the catalog doesn't say.</summary>
    public string? MeaningOf(string source, string state) =>
        Content
            .Sources.Where(s => s.Source == source)
            .Select(s => s.States?.GetValueOrDefault(state))
            .FirstOrDefault(meaning => meaning is not null);

    /// <summary>
    /// Who stands behind what a sender sends, in ordinal order: the principal that it is, and whoever answers for an integration that sends
    /// as it. Nobody for a sender that was not verified.
    /// </summary>
    /// <param name="sender">Opaque id of a principal, or <c>broker:USER</c>.</param>
    public IReadOnlyList<string> BehindSender(string sender)
    {
        const string Broker = "broker:";
        var user = sender.StartsWith(Broker, StringComparison.Ordinal) ? sender[Broker.Length..] : null;
        var principal = user is null ? Principal(sender) : Find(user);
        string?[] names = [user, principal?.Name, principal?.Id];
        return
        [
            .. Content
                .Sources.Where(s => s.Owner is not null && s.Users.Concat(s.Callers ?? []).Any(u => Array.Exists(names, n => n == u)))
                .Select(s => s.Owner!)
                .Append(principal?.Id)
                .OfType<string>()
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>What a source is believed, given who was verified as the publisher; nothing when nobody was.</summary>
    /// <param name="source">The CloudEvents source.</param>
    /// <param name="verifiedUser">The broker user; empty for none.</param>
    /// <param name="verifiedCaller">The id of the principal that called over HTTP; empty for none.</param>
    public IReadOnlyList<string> TrustOf(string source, string verifiedUser, string verifiedCaller = "") =>
        [.. Proving(source, verifiedUser, verifiedCaller).SelectMany(s => s.TrustedFor).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether a source is proven by who was verified as the publisher.</summary>
    /// <inheritdoc cref="TrustOf" path="/param"/>
    public bool IsProven(string source, string verifiedUser, string verifiedCaller = "") =>
        Proving(source, verifiedUser, verifiedCaller).Any();

    private IEnumerable<CatalogSource> Proving(string source, string verifiedUser, string verifiedCaller) =>
        Content.Sources.Where(s =>
            s.Source == source
            && (
                (verifiedUser.Length > 0 && s.Users.Contains(verifiedUser, StringComparer.Ordinal))
                || (verifiedCaller.Length > 0 && s.Callers?.Contains(verifiedCaller, StringComparer.Ordinal) == true)
            )
        );
}
