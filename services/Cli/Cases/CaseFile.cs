using Governance.Catalog;
using Governance.Cli.Yaml;
using YamlDotNet.RepresentationModel;

namespace Governance.Cli.Cases;

// The YAML of *.test.yaml; deploy/policies/README.md describes it. YamlBinder fills these.

/// <summary>A file of cases.</summary>
internal sealed class CaseFile
{
    /// <summary>Directory of a catalog, relative to the file.</summary>
    public YamlText? Catalog { get; set; }

    /// <summary>A catalog of its own, where most may be left out.</summary>
    public CatalogFile? World { get; set; }

    /// <summary>What holds in every case that does not say otherwise.</summary>
    public YamlMappingNode? Given { get; set; }

    public List<CaseEntry>? Cases { get; set; }
}

/// <summary>A case, or what several have in common.</summary>
internal sealed class CaseEntry
{
    public YamlText? Name { get; set; }

    public YamlMappingNode? Given { get; set; }

    public Expectation? Expect { get; set; }

    /// <summary>The same with something else given, each a case.</summary>
    public List<Variation>? With { get; set; }
}

/// <summary>What is different, and what comes of it.</summary>
internal sealed class Variation
{
    public YamlText? When { get; set; }

    public YamlMappingNode? Given { get; set; }

    public Expectation? Expect { get; set; }
}
