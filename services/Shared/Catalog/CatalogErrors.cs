using System.Globalization;
using System.Text.RegularExpressions;

namespace Governance.Catalog;

/// <summary>Collects what is wrong with a catalog, each with its field and the remedy.</summary>
internal sealed partial class CatalogErrors
{
    private readonly List<string> _errors = [];

    /// <summary>Where in its files the parts of the catalog are.</summary>
    public CatalogPlaces Places { get; } = new();

    public int Count => _errors.Count;

    public void Add(string error) => _errors.Add(error);

    /// <exception cref="CatalogException">There is an error.</exception>
    public void ThrowIfAny()
    {
        if (_errors.Count > 0)
        {
            throw new CatalogException([.. _errors.Select(Places.Locate)]);
        }
    }

    public T Wrong<T>(string error)
    {
        Add(error);
        return default!;
    }

    public string Required(string? value, string where) => string.IsNullOrWhiteSpace(value) ? Missing(where) : value;

    /// <summary>An id: required, and nothing that can't be seen in a log.</summary>
    public string Id(string? value, string where)
    {
        var id = Required(value, where);
        if (id.Length > 0 && !Printable().IsMatch(id))
        {
            Add($"{where}: '{id}' is no id; use at most 200 printable characters without blanks");
        }

        return id;
    }

    /// <summary>The items that have a value.</summary>
    public IEnumerable<T> Items<T>(IEnumerable<T?>? items, string where)
        where T : class
    {
        var index = 0;
        foreach (var item in items ?? [])
        {
            if (item is null)
            {
                Add(string.Create(CultureInfo.InvariantCulture, $"{where}[{index}]: is empty; remove it or give it its members"));
            }
            else
            {
                yield return item;
            }

            index++;
        }
    }

    /// <summary>Texts as a set: in order, each once.</summary>
    public List<string> Texts(IEnumerable<string?>? items, string where)
    {
        var texts = Items(items, where).ToList();
        if (texts.Any(string.IsNullOrWhiteSpace))
        {
            Add($"{where}: has a blank text; remove it");
        }

        return [.. texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    public void Unique(IEnumerable<string> values, string where)
    {
        foreach (var group in values.GroupBy(v => v, StringComparer.Ordinal).Where(g => g.Key.Length > 0 && g.Count() > 1))
        {
            Add($"{where}: '{group.Key}' appears {group.Count()} times; name each once");
        }
    }

    private string Missing(string where)
    {
        Add(where + ": is missing; give it a value");
        return "";
    }

    [GeneratedRegex(@"\A[^\s\p{C}]{1,200}\z", RegexOptions.CultureInvariant, RegexTimeout.Milliseconds)]
    private static partial Regex Printable();
}
