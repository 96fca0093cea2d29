namespace Governance.Catalog;

/// <summary>Names of people and their ids, within one catalog.</summary>
internal sealed class CatalogNames(IEnumerable<CatalogPrincipal> people, CatalogErrors errors)
{
    private readonly Dictionary<string, string> _ids = people
        .GroupBy(p => p.Name, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.First().Id, StringComparer.Ordinal);

    /// <summary>The id of a person; an error and empty where there is none.</summary>
    public string Person(string? name, string where)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            return errors.Wrong<string?>($"{where}: is missing; name one of people[]") ?? "";
        }

        return _ids.GetValueOrDefault(name)
            ?? errors.Wrong<string?>(
                $"{where}: '{name}' is no name of people[]; add the person or correct the name{Suggestions.For(name, _ids.Keys)}"
            )
            ?? "";
    }
}
