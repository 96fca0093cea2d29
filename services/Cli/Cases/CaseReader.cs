using Governance.Catalog;
using Governance.Cli.Yaml;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Governance.Cli.Cases;

/// <summary>Reads a file of cases. One fault anywhere, and none of its cases is run.</summary>
internal sealed class CaseReader
{
    private readonly string _path;
    private readonly List<YamlFault> _faults;
    private readonly YamlBinder _binder;
    private readonly List<PolicyCase> _cases = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    private CaseReader(string path, List<YamlFault> faults) => (_path, _faults, _binder) = (path, faults, new YamlBinder(path, faults));

    public static IReadOnlyList<PolicyCase> Read(string path, List<YamlFault> faults) => new CaseReader(path, faults).Read();

    private List<PolicyCase> Read()
    {
        if (YamlDocuments.Read(_path, _faults) is not { } root)
        {
            return [];
        }

        var before = _faults.Count;
        var file = _binder.Bind<CaseFile>(root);
        var catalog = Worlds.Load(_path, root, file, _faults);
        if (catalog is null || _faults.Count > before)
        {
            return [];
        }

        if (file.Cases is null)
        {
            Fault(root.Start, "cases: is missing");
            return [];
        }

        foreach (var (entry, node) in file.Cases.Zip(Items(root)))
        {
            Add(catalog, file.Given, entry, node.Start);
        }

        return _faults.Count > before ? [] : _cases;
    }

    private static IEnumerable<YamlNode> Items(YamlMappingNode root) => (YamlSequenceNode)root.Children[new YamlScalarNode("cases")];

    private void Add(LoadedCatalog catalog, YamlMappingNode? common, CaseEntry entry, Mark start)
    {
        if (entry.Name is not { } name)
        {
            Fault(start, "name: is missing");
            return;
        }

        if (entry.Expect is null && entry.With is not { Count: > 0 })
        {
            Fault(start, $"'{name}' has no expect: say what must come out, for example expect: forbid, or give variations in with:");
        }

        var given = Over(common, entry.Given);
        if (entry.Expect is { } expect)
        {
            Add(catalog, name, name.Text, given, expect);
        }

        foreach (var variation in entry.With ?? [])
        {
            if (variation is { When: { } when, Expect: { } expected })
            {
                Add(catalog, when, $"{name}, when {when}", Over(given, variation.Given), expected);
            }
            else
            {
                Fault(
                    variation.When?.Start ?? start,
                    $"with: a variation of '{name}' lacks {(variation.When is null ? "when" : "expect")}"
                );
            }
        }
    }

    private void Add(LoadedCatalog catalog, YamlText at, string name, YamlMappingNode node, Expectation expect)
    {
        if (!_names.Add(name))
        {
            Fault(at.Start, $"a second case is named '{name}'");
        }

        if (expect.Outcome is null)
        {
            Fault(at.Start, $"'{name}': expect.outcome: is missing");
        }

        var before = _faults.Count;
        var given = _binder.Bind<Given>(node);
        if (_faults.Count == before && new CaseFacts(_path, at.Start, catalog, given, _faults).Build() is { } facts)
        {
            _cases.Add(new PolicyCase(_path, at.Start.Line, name, given.Purpose, given.Now, facts, expect, catalog.NameOf));
        }
    }

    // A ticket's state alone has to be a mapping before something else of the ticket can be laid over it.
    private static YamlMappingNode Over(YamlMappingNode? below, YamlMappingNode? above)
    {
        var (ticket, state) = (new YamlScalarNode("ticket"), new YamlScalarNode("state"));
        foreach (var given in new[] { below, above }.OfType<YamlMappingNode>())
        {
            if (given.Children.TryGetValue(ticket, out var value) && value is YamlScalarNode && !YamlDocuments.IsNull(value))
            {
                given.Children[ticket] = new YamlMappingNode { { state, value } };
            }
        }

        return YamlDocuments.Merge(below, above);
    }

    private void Fault(Mark at, string message) => _faults.Add(YamlFault.At(_path, at, message));
}
