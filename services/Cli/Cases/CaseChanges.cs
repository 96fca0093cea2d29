using Governance.Catalog;
using Governance.Cli.Yaml;
using Governance.Contracts.Decisions;

namespace Governance.Cli.Cases;

/// <summary>The catalog's entries as facts, with what a case changes.</summary>
internal sealed class CaseChanges
{
    private const string None = "none";
    private readonly CaseNames _names;
    private readonly Dictionary<string, (YamlText At, PrincipalChange Change)> _principals = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (YamlText At, EntitlementChange Change)> _entitlements = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (YamlText At, TargetChange Change)> _targets = new(StringComparer.Ordinal);

    public CaseChanges(CaseNames names, GivenChanges changes)
    {
        _names = names;
        Index(changes.Principals, name => names.Principal(name, "change.principals")?.Id, _principals);
        Index(changes.Entitlements, name => names.Entitlement(name, "change.entitlements")?.Id, _entitlements);
        Index(changes.Targets, name => names.Target(name, "change.targets")?.Id, _targets);
    }

    /// <summary>The human behind a principal.</summary>
    public string? OwnerOf(CatalogPrincipal principal) =>
        Kind(principal) == PrincipalKind.Human ? principal.Id : Person(Change(principal)?.Owner, principal.Owner, "owner");

    public string? SponsorOf(CatalogPrincipal principal) => Person(Change(principal)?.Sponsor, principal.Sponsor, "sponsor");

    public EntitlementFacts Apply(CatalogEntitlement entitlement, IReadOnlyList<string> conflicts)
    {
        var change = _entitlements.TryGetValue(entitlement.Id, out var found) ? found.Change : null;
        return new EntitlementFacts
        {
            Id = entitlement.Id,
            Target = entitlement.Target,
            Risk = change?.Risk ?? entitlement.Risk,
            MaxDuration = change?.MaxDuration ?? entitlement.MaxDuration,
            Owner = Person(change?.Owner, entitlement.Owner, "owner") ?? entitlement.Owner,
            Privileges = change?.Privileges ?? entitlement.Privileges,
            Conflicts = conflicts,
        };
    }

    public TargetFacts Apply(CatalogTarget target)
    {
        var change = _targets.TryGetValue(target.Id, out var found) ? found.Change : null;
        return new TargetFacts
        {
            Id = target.Id,
            Kind = change?.Kind ?? target.Kind,
            Environment = change?.Environment ?? target.Environment,
            Tier = change?.Tier ?? target.Tier,
        };
    }

    /// <summary>A change of what is not in the facts would change nothing, and the case would test something else than it says.</summary>
    public void CheckAllUsed(AccessFacts facts)
    {
        Check(_principals.Select(c => (c.Key, c.Value.At)), facts.Principals.Select(p => p.Id), "principals");
        Check(_entitlements.Select(c => (c.Key, c.Value.At)), facts.Entitlements.Select(e => e.Id), "entitlements");
        Check(_targets.Select(c => (c.Key, c.Value.At)), facts.Targets.Select(t => t.Id), "targets");
    }

    public PrincipalFacts Apply(CatalogPrincipal principal)
    {
        var change = Change(principal);
        var kind = Kind(principal);
        return new PrincipalFacts
        {
            Id = principal.Id,
            Kind = kind,
            Owner = kind == PrincipalKind.Human ? null : OwnerOf(principal),
            Sponsor = SponsorOf(principal),
            Active = change?.Active ?? principal.Active,
            Groups = change?.Groups is { } groups ? [.. groups.Order(StringComparer.Ordinal)] : principal.Groups,
            Environment = change?.Environment is { } environment ? (environment == None ? null : environment) : principal.Environment,
        };
    }

    private PrincipalChange? Change(CatalogPrincipal principal) =>
        _principals.TryGetValue(principal.Id, out var found) ? found.Change : null;

    private PrincipalKind Kind(CatalogPrincipal principal) => Change(principal)?.Kind ?? principal.Kind;

    private string? Person(YamlText? change, string? otherwise, string key) =>
        change is null ? otherwise
        : change.Text == None ? null
        : _names.Principal(change, $"change.{key}")?.Id;

    private void Check(IEnumerable<(string Id, YamlText At)> changed, IEnumerable<string> present, string key)
    {
        var ids = present.ToHashSet(StringComparer.Ordinal);
        foreach (var (_, at) in changed.Where(c => !ids.Contains(c.Id)))
        {
            _names.Fault(at, $"change.{key}: the decision has nothing to do with {at}");
        }
    }

    private static void Index<T>(
        IReadOnlyDictionary<YamlText, T> changes,
        Func<YamlText, string?> find,
        Dictionary<string, (YamlText, T)> into
    )
    {
        foreach (var (name, change) in changes)
        {
            if (find(name) is { } id)
            {
                into[id] = (name, change);
            }
        }
    }
}
