using Governance.Contracts;

namespace Governance.Lifecycle.Retention;

// Every event of a sweep's stream.

/// <summary>Another bundle or catalog is in force, so everything active is decided again.</summary>
public sealed record SweepStarted
{
    public required long InForceVersion { get; init; }
    public required string Bundle { get; init; }
    public required string Catalog { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>Everything active is decided.</summary>
public sealed record SweepJudged
{
    public required int Total { get; init; }
    public required int Forbidden { get; init; }

    /// <summary>More would go than may without an operator's word.</summary>
    public required bool Held { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>An operator wants what is forbidden to go.</summary>
public sealed record SweepConfirmed(ActorRef Actor, string? Comment, DateTimeOffset At);

/// <summary>Nothing that the sweep forbade is active any more.</summary>
public sealed record SweepFinished(DateTimeOffset At);

/// <summary>What is in force has changed again: the next sweep decides.</summary>
public sealed record SweepSuperseded(Guid By, DateTimeOffset At);
