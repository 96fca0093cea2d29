namespace Governance.Catalog;

// The YAML of deploy/catalog: several files are read as one. YamlDotNet fills these; CatalogLoader checks them.

public sealed class CatalogFile
{
    public List<TargetEntry> Targets { get; set; } = [];
    public List<EntitlementEntry> Entitlements { get; set; } = [];
    public List<PersonEntry> People { get; set; } = [];
    public List<PrincipalEntry> Principals { get; set; } = [];
    public List<ConflictEntry> Conflicts { get; set; } = [];
    public List<SourceEntry> Sources { get; set; } = [];
}

public sealed class TargetEntry
{
    public string? Id { get; set; }
    public string? Kind { get; set; }
    public string? Environment { get; set; }
    public int Tier { get; set; } = 3;
}

public sealed class EntitlementEntry
{
    public string? Id { get; set; }
    public string? Target { get; set; }
    public string? Risk { get; set; }
    public string? MaxDuration { get; set; }
    public string? Owner { get; set; }
    public string? Privilege { get; set; }
    public List<string> Privileges { get; set; } = [];
}

public sealed class PersonEntry
{
    public string? Id { get; set; }
    public string? Name { get; set; }
    public bool Active { get; set; } = true;
    public List<string> Groups { get; set; } = [];
    public Dictionary<string, string> Accounts { get; set; } = new(StringComparer.Ordinal);
}

public sealed class PrincipalEntry
{
    public string? Id { get; set; }
    public string? Kind { get; set; }
    public string? Owner { get; set; }
    public bool Active { get; set; } = true;
    public List<string> Groups { get; set; } = [];
    public string? Environment { get; set; }
    public Dictionary<string, string> Accounts { get; set; } = new(StringComparer.Ordinal);
}

public sealed class ConflictEntry
{
    public string? Id { get; set; }
    public List<string> Entitlements { get; set; } = [];
    public string? Reason { get; set; }
    public string? Owner { get; set; }
}

public sealed class SourceEntry
{
    public string? Source { get; set; }
    public List<string> Users { get; set; } = [];
    public List<string> TrustedFor { get; set; } = [];
}
