namespace Governance.Expiry.Deadlines;

/// <summary>What an operator sees of a deadline. Times are UTC.</summary>
internal sealed record DeadlineView
{
    public required Guid Grant { get; init; }

    public required string Kind { get; init; }

    public required long Revision { get; init; }

    public required DeadlineState State { get; init; }

    /// <summary>Null when it was acknowledged or cancelled before it was ever set here.</summary>
    public DateTimeOffset? Due { get; init; }

    public DateTimeOffset? NextFiring { get; init; }

    public required int Firings { get; init; }

    public DateTimeOffset? FirstFiredAt { get; init; }

    public DateTimeOffset? SettledAt { get; init; }
}
