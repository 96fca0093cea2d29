namespace Governance.Connectors;

/// <summary>What a target showed.</summary>
public sealed record ObservedHolding
{
    /// <summary>The account has the privilege itself.</summary>
    public required bool Direct { get; init; }

    /// <summary>The account has the privilege in effect, by whatever path.</summary>
    public required bool Effective { get; init; }

    /// <summary>Paths other than the direct one by which it is effective, in the target's words, in ordinal order; at most 20.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>When the target ends it by itself (UTC); null when it doesn't.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Who made the direct access, as far as the target tells; null when it doesn't tell or there is none.</summary>
    public string? Marker { get; init; }

    /// <summary>When the target was asked (UTC, milliseconds, this process's clock): the answer is at least as new.</summary>
    public required DateTimeOffset ObservedAt { get; init; }
}
