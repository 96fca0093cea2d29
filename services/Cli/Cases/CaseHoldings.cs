using Governance.Catalog;
using Governance.Cli.Yaml;

namespace Governance.Cli.Cases;

/// <summary>Who holds what by other grants, as far as it matters to a case.</summary>
internal sealed class CaseHoldings(
    CaseNames names,
    LoadedCatalog catalog,
    CaseChanges changes,
    IReadOnlyDictionary<YamlText, List<YamlText>> held
)
{
    public Read For(CatalogPrincipal principal, string? human, IReadOnlyCollection<string> delegators)
    {
        var read = new Read(catalog);
        foreach (var (holder, entitlements) in held)
        {
            if (names.Principal(holder, "held") is not { } found)
            {
                continue;
            }

            var ofActor = found.Id == principal.Id || (human is not null && changes.OwnerOf(found) == human);
            if (!ofActor && !delegators.Contains(found.Id, StringComparer.Ordinal))
            {
                names.Fault(
                    holder,
                    $"held: what {holder} holds does not matter: it is neither the principal, nor has the same human behind it, nor is it acted for"
                );
            }

            read.Add(found.Id, ofActor, entitlements.Select(e => names.Entitlement(e, "held")?.Id).OfType<string>());
        }

        return read;
    }

    /// <summary>What was read.</summary>
    internal sealed class Read(LoadedCatalog catalog)
    {
        private readonly Dictionary<string, (bool OfActor, IReadOnlyList<string> Entitlements)> _byHolder = new(StringComparer.Ordinal);

        public IReadOnlyList<string> OfActor => Sorted(_byHolder.Values.Where(h => h.OfActor).SelectMany(h => h.Entitlements));

        public void Add(string holder, bool ofActor, IEnumerable<string> entitlements) =>
            _byHolder[holder] = (ofActor, Sorted(entitlements.Concat(Of(holder))));

        public IReadOnlyList<string> Of(string holder) => _byHolder.TryGetValue(holder, out var found) ? found.Entitlements : [];

        public IReadOnlyList<string> ConflictingWith(string entitlement)
        {
            var conflicts = catalog.ConflictsOf(entitlement);
            return Sorted(
                _byHolder
                    .Where(h => h.Value.OfActor && h.Value.Entitlements.Any(e => conflicts.Contains(e, StringComparer.Ordinal)))
                    .Select(h => h.Key)
            );
        }

        private static List<string> Sorted(IEnumerable<string> values) =>
            [.. values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }
}
