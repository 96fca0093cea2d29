namespace Governance.Connectors;

/// <summary>Who a target is, and whether the suite may take away there what it gives.</summary>
public sealed record TargetPreflight
{
    /// <summary>
    /// Names the target itself, so that another one behind the same address is noticed: for example a PostgreSQL system identifier with the
    /// database. Shown to operators, who accept a new one. Null where the kind of target has none, or the target does not tell.
    /// </summary>
    public required string? Identity { get; init; }

    /// <summary>Why what is given there could not be taken away again, each with its remedy; while there is one, nothing is given there.</summary>
    public IReadOnlyList<string> Obstacles { get; init; } = [];

    /// <summary>The same for one of the places that were asked about; nothing is given at that place.</summary>
    public IReadOnlyList<PlaceObstacle> Places { get; init; } = [];

    /// <summary>What this target can't do of what its kind can, for example fencing. Stops nothing, and is told to operators.</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];
}

/// <summary>An account and a privilege at a target.</summary>
/// <param name="Account">The account's name at the target.</param>
/// <param name="Privilege">The privilege's name at the target.</param>
public sealed record TargetPlace(string Account, string Privilege);

/// <summary>Why nothing is given at a place.</summary>
/// <param name="Place">Where.</param>
/// <param name="Reason">Why, with the remedy.</param>
public sealed record PlaceObstacle(TargetPlace Place, string Reason);
