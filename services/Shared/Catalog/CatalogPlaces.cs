using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Governance.Catalog;

/// <summary>Where in its files the parts of a catalog are. Faults name a part by its path, as <c>people[p-1].groups</c>.</summary>
internal sealed class CatalogPlaces
{
    // Exemptions of conflicts lie deepest. Aliases could lead on for ever.
    private const int MaxDepth = 2;
    private const int MaxPlaces = 1_000_000;
    private static readonly string[] Naming = ["id", "name", "source"];

    private readonly Dictionary<string, string> _places = new(StringComparer.Ordinal);

    private readonly List<(string File, string Text)> _files = [];
    private int _read;

    /// <summary>A file, which is looked through when there is a fault to be placed.</summary>
    public void Add(string file, string text) => _files.Add((file, text));

    /// <summary>The fault with its place before it, as compilers do; as it is where none is known.</summary>
    public string Locate(string fault)
    {
        while (_read < _files.Count)
        {
            Read(_files[_read].File, _files[_read].Text);
            _read++;
        }

        var end = fault.IndexOf(": ", StringComparison.Ordinal);
        var where = end < 0 ? fault : fault[..end];
        var start = fault.IndexOf('\'', StringComparison.Ordinal);
        var stop = start < 0 ? -1 : fault.IndexOf('\'', start + 1);
        var value = stop < 0 ? null : fault[(start + 1)..stop];
        foreach (var path in where.Split(" and ").SelectMany(Alternatives))
        {
            if (value is not null && _places.TryGetValue(KeyOf(path, value), out var exact))
            {
                return $"{exact}: {fault}";
            }
        }

        for (var path = where.Split(" and ")[0]; path.Length > 0; path = Above(path))
        {
            foreach (var alternative in Alternatives(path))
            {
                if (_places.TryGetValue(alternative, out var place))
                {
                    return $"{place}: {fault}";
                }
            }
        }

        return fault;
    }

    private void Read(string file, string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (Exception e) when (e is YamlException or ArgumentException or InvalidOperationException)
        {
            return; // A fault of its own, which has its place.
        }

        if (stream.Documents is not [{ RootNode: YamlMappingNode root }])
        {
            return;
        }

        foreach (var (key, value) in root)
        {
            var list = Text(key);
            _places.TryAdd(list, At(file, key.Start));
            if (value is YamlSequenceNode items)
            {
                AddItems(file, list, items, 1);
            }
        }
    }

    private void AddItems(string file, string list, YamlSequenceNode items, int depth)
    {
        if (depth > MaxDepth)
        {
            return;
        }

        foreach (var item in items.TakeWhile(_ => _places.Count < MaxPlaces))
        {
            if (item is not YamlMappingNode members)
            {
                // What appears twice is at its second place.
                _places[KeyOf(list, Text(item))] = At(file, item.Start);
                continue;
            }

            var names = Naming.Select(key => Member(members, key)).Where(name => name is not null).ToList();
            if (Member(members, "id") is null && Member(members, "source") is null)
            {
                _places.TryAdd($"{list}[].id", At(file, item.Start));
                _places.TryAdd($"{list}[]", At(file, item.Start));
            }

            foreach (var name in names.DefaultIfEmpty(""))
            {
                _places[$"{list}[{name}]"] = At(file, item.Start);
            }

            foreach (var (key, value) in members)
            {
                _places[KeyOf($"{list}[].{Text(key)}", Text(value))] = At(file, value.Start);
                foreach (var name in names.DefaultIfEmpty(""))
                {
                    AddMember(file, $"{list}[{name}].{Text(key)}", value, depth);
                }
            }
        }
    }

    private void AddMember(string file, string path, YamlNode value, int depth)
    {
        _places[path] = At(file, value.Start);
        switch (value)
        {
            case YamlSequenceNode items:
                AddItems(file, path, items, depth + 1);
                break;
            case YamlMappingNode members:
                foreach (var (key, member) in members)
                {
                    _places[$"{path}.{Text(key)}"] = At(file, member.Start);
                    _places[KeyOf(path, Text(key))] = At(file, key.Start);
                }

                break;
            default:
                break;
        }
    }

    // Humans and identities are of one kind when their references are checked.
    private static IEnumerable<string> Alternatives(string path) =>
        path.StartsWith("principals[", StringComparison.Ordinal) ? [path, "people" + path["principals".Length..]] : [path];

    private static string Above(string path)
    {
        var cut = Math.Max(path.LastIndexOf('.'), path.LastIndexOf('['));
        // Within brackets a dot is part of an id.
        var bracket = path.LastIndexOf('[');
        return path.EndsWith(']') ? path[..Math.Max(bracket, 0)] : path[..Math.Max(cut, 0)];
    }

    private static string KeyOf(string path, string value) => $"{path}\n{value}";

    private static string? Member(YamlMappingNode item, string key) =>
        item.Children.TryGetValue(new YamlScalarNode(key), out var value) ? Text(value) : null;

    private static string Text(YamlNode node) => (node as YamlScalarNode)?.Value ?? "";

    private static string At(string file, Mark mark) => string.Create(CultureInfo.InvariantCulture, $"{file}:{mark.Line}:{mark.Column}");
}
