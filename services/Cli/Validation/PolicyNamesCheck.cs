using System.Text.Json;
using Governance.Catalog;
using Governance.Cedar.Bundles;
using Governance.Contracts.Decisions;

namespace Governance.Cli.Validation;

/// <summary>Finds names in policies that a catalog does not have: such a policy applies to nothing, or lets nobody approve.</summary>
internal sealed class PolicyNamesCheck
{
    private const string Namespace = "Governance::";

    private readonly Dictionary<string, (string What, HashSet<string> Ids)> _known;
    private readonly Dictionary<string, string> _idOf;

    public PolicyNamesCheck(CatalogContent catalog)
    {
        _idOf = catalog
            .Principals.Where(p => p.Kind == PrincipalKind.Human)
            .GroupBy(p => p.Name, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.First().Id, StringComparer.Ordinal);
        _known = new(StringComparer.Ordinal)
        {
            ["Entitlement"] = ("entitlement", Set(catalog.Entitlements.Select(e => e.Id))),
            ["Target"] = ("target", Set(catalog.Targets.Select(t => t.Id))),
            ["Group"] = ("group", Set(catalog.Principals.SelectMany(p => p.Groups))),
            ["Human"] = ("person", Set(catalog.Principals.Where(p => p.Kind == PrincipalKind.Human).Select(p => p.Id))),
        };
        foreach (var kind in Enum.GetValues<PrincipalKind>().Where(k => k != PrincipalKind.Human))
        {
            var name = JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString()).Replace('-', ' ');
            _known[TypeOf(kind)] = (name, Set(catalog.Principals.Where(p => p.Kind == kind).Select(p => p.Id)));
        }
    }

    public IEnumerable<BundleFault> In(PolicyFile file) =>
        from named in PolicyNames.In(file)
        let fault = Fault(named)
        where fault is not null
        select new BundleFault(file.Name, named.Policy, named.Line, named.Column, fault);

    private string? Fault(NamedInPolicy named)
    {
        if (
            !named.Type.StartsWith(Namespace, StringComparison.Ordinal)
            || !_known.TryGetValue(named.Type[Namespace.Length..], out var known)
            || known.Ids.Contains(named.Id)
        )
        {
            return null;
        }

        // Policies know people by their opaque ids, their authors by name.
        return known.What == "person" && _idOf.TryGetValue(named.Id, out var id)
            ? $"'{named.Id}' is a person's name: policies name people by their id, '{id}'"
            : $"the catalog has no {known.What} '{named.Id}'{Suggestions.For(named.Id, known.Ids)}";
    }

    private static string TypeOf(PrincipalKind kind) => kind == PrincipalKind.OauthClient ? "OAuthClient" : kind.ToString();

    private static HashSet<string> Set(IEnumerable<string> ids) => ids.ToHashSet(StringComparer.Ordinal);
}
