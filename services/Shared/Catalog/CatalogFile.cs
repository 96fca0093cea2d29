namespace Governance.Catalog;

// The YAML of deploy/catalog: several files are read as one. YamlDotNet fills these, and CatalogBuilder checks them: a list without
// items, and an item without a value, come as null.

#pragma warning disable CS1591 // Members are named as the YAML names them: README.md tells what they mean.

/// <summary>A file of the catalog; several are read as one.</summary>
public sealed class CatalogFile
{
    public List<TargetEntry?>? Targets { get; set; }
    public List<EntitlementEntry?>? Entitlements { get; set; }
    public List<PersonEntry?>? People { get; set; }
    public List<PrincipalEntry?>? Principals { get; set; }
    public List<ConflictEntry?>? Conflicts { get; set; }
    public List<SourceEntry?>? Sources { get; set; }
}

/// <summary>A system with a connector.</summary>
public sealed class TargetEntry
{
    public string? Id { get; set; }
    public string? Kind { get; set; }
    public string? Environment { get; set; }
    public int Tier { get; set; } = 3;
    public string? ActivationBudget { get; set; }
}

/// <summary>A grantable right.</summary>
public sealed class EntitlementEntry
{
    public string? Id { get; set; }
    public string? Target { get; set; }
    public string? Risk { get; set; }
    public string? MaxDuration { get; set; }
    public string? Owner { get; set; }
    public string? Privilege { get; set; }
    public List<string?>? Privileges { get; set; }
}

/// <summary>A human.</summary>
public sealed class PersonEntry
{
    public string? Id { get; set; }
    public string? Name { get; set; }
    public bool Active { get; set; } = true;
    public List<string?>? Groups { get; set; }
    public Dictionary<string, string?>? Accounts { get; set; }
}

/// <summary>A non-human identity.</summary>
public sealed class PrincipalEntry
{
    public string? Id { get; set; }
    public string? Kind { get; set; }
    public string? Owner { get; set; }
    public string? Sponsor { get; set; }
    public bool Active { get; set; } = true;
    public List<string?>? Groups { get; set; }
    public string? Environment { get; set; }
    public Dictionary<string, string?>? Accounts { get; set; }
}

/// <summary>What one actor must not hold together.</summary>
public sealed class ConflictEntry
{
    public string? Id { get; set; }
    public List<string?>? Entitlements { get; set; }
    public string? Reason { get; set; }
    public string? Owner { get; set; }
    public List<ExemptionEntry?>? Exemptions { get; set; }
}

/// <summary>A time-boxed exemption from a conflict.</summary>
public sealed class ExemptionEntry
{
    public string? Id { get; set; }
    public string? Human { get; set; }
    public string? From { get; set; }
    public string? Until { get; set; }
    public string? CompensatingControl { get; set; }
    public string? Reason { get; set; }
    public string? ApprovedBy { get; set; }
}

/// <summary>A sender of requests.</summary>
public sealed class SourceEntry
{
    public string? Source { get; set; }
    public string? Owner { get; set; }
    public List<string?>? Users { get; set; }
    public List<string?>? Callers { get; set; }
    public List<string?>? TrustedFor { get; set; }
    public Dictionary<string, string?>? States { get; set; }
}
