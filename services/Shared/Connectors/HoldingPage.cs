namespace Governance.Connectors;

/// <summary>A page of what exists at a target.</summary>
public sealed record HoldingPage
{
    /// <summary>What exists, in the connector's fixed order.</summary>
    public required IReadOnlyList<ListedHolding> Items { get; init; }

    /// <summary>Asks for the next page; null on the last.</summary>
    public string? NextPageToken { get; init; }

    /// <summary>When this page was asked for (UTC, milliseconds): what changed later is not in it. Pages of one listing have different times.</summary>
    public required DateTimeOffset AsOf { get; init; }
}

/// <summary>A privilege that an account has at a target.</summary>
public sealed record ListedHolding
{
    /// <summary>The account's name at the target.</summary>
    public required string Account { get; init; }

    /// <summary>The privilege's name at the target.</summary>
    public required string Privilege { get; init; }

    /// <summary>Who made it, as far as the target tells.</summary>
    public string? Marker { get; init; }
}
