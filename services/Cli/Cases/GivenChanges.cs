using Governance.Cli.Yaml;
using Governance.Contracts.Decisions;

namespace Governance.Cli.Cases;

/// <summary>Changes of the facts by id or name: what the catalog says is replaced.</summary>
internal sealed class GivenChanges
{
    public Dictionary<YamlText, PrincipalChange> Principals { get; set; } = [];
    public Dictionary<YamlText, EntitlementChange> Entitlements { get; set; } = [];
    public Dictionary<YamlText, TargetChange> Targets { get; set; } = [];
}

internal sealed class PrincipalChange
{
    public PrincipalKind? Kind { get; set; }

    /// <summary><c>none</c> takes the owner away.</summary>
    public YamlText? Owner { get; set; }

    /// <summary><c>none</c> takes the sponsor away.</summary>
    public YamlText? Sponsor { get; set; }

    public bool? Active { get; set; }
    public List<string>? Groups { get; set; }

    /// <summary><c>none</c>: not known.</summary>
    public string? Environment { get; set; }
}

internal sealed class EntitlementChange
{
    public Risk? Risk { get; set; }
    public TimeSpan? MaxDuration { get; set; }
    public YamlText? Owner { get; set; }
    public List<string>? Privileges { get; set; }
}

internal sealed class TargetChange
{
    public string? Kind { get; set; }
    public string? Environment { get; set; }
    public int? Tier { get; set; }
}
