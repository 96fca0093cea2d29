using Governance.Contracts;

namespace Governance.Lifecycle.Targets;

// What operators order about targets: the events of one stream a target.

/// <summary>An operator accepts who answers at a target now, whoever answered there before.</summary>
public sealed record TargetAccepted
{
    /// <summary>Id of the target in the catalog.</summary>
    public required string Target { get; init; }

    /// <summary>Who answers there, as the operator saw it; null where it tells nobody.</summary>
    public string? Identity { get; init; }

    /// <summary>Why: the salted digest of the operator's words.</summary>
    public required string Reason { get; init; }
    public required ActorRef Actor { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>An operator wants what waits at a target to be tried now: a grant's, or everything.</summary>
public sealed record RetryOrdered
{
    public required string Target { get; init; }

    /// <summary>The grant; null for everything at the target.</summary>
    public Guid? Grant { get; init; }
    public string? Principal { get; init; }
    public string? Entitlement { get; init; }
    public required ActorRef Actor { get; init; }
    public required DateTimeOffset At { get; init; }
}
