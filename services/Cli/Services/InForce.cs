namespace Governance.Cli.Services;

/// <summary>What decisions are made with now, as Lifecycle says.</summary>
internal sealed record InForce
{
    /// <summary>Null while none is.</summary>
    public string? Bundle { get; init; }

    /// <summary>Opaque ids of whom the catalog knows.</summary>
    public required HashSet<string> Principals { get; init; }

    public required HashSet<string> Entitlements { get; init; }
}
