using System.Globalization;
using Governance.Reading;

namespace Governance.Catalog;

/// <summary>Collects what is wrong with a catalog, each with its field and the remedy.</summary>
internal sealed class CatalogErrors
{
    private const int MaxId = 200;
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

    /// <summary>A name: required, and nothing in it that does not show.</summary>
    public string Required(string? value, string where) => Shown(Words(value, where), where);

    /// <summary>A person's words: required.</summary>
    public string Words(string? value, string where) => string.IsNullOrWhiteSpace(value) ? Missing(where) : value;

    /// <summary>An id: a name that is short and without blanks.</summary>
    public string Id(string? value, string where)
    {
        var id = Required(value, where);
        if (id.EnumerateRunes().Count() > MaxId || id.Any(char.IsWhiteSpace))
        {
            Add($"{where}: is no id; use at most {MaxId} characters without blanks");
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

        foreach (var text in texts)
        {
            Shown(text, where);
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

    // The text is not repeated: it may not show what is wrong with it.
    private string Shown(string text, string where)
    {
        if (TextRules.Fault(text, int.MaxValue) is { Code: "control-character" or "surrounding-space" } fault)
        {
            Add($"{where}: {fault.Remedy}");
        }

        return text;
    }

    private string Missing(string where)
    {
        Add(where + ": is missing; give it a value");
        return "";
    }
}
