using Governance.Contracts.Decisions;

namespace Governance.Cli.Simulation;

/// <summary>What a candidate bundle would change.</summary>
internal enum SimulatedChange
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Was denied, would be given or could be approved.</summary>
    Gain,

    /// <summary>Was given or could be approved, would be denied; or gives access now, and would be taken away.</summary>
    Lose,

    /// <summary>Was given, would need approvals.</summary>
    Approval,

    /// <summary>Needed approvals, would be given without.</summary>
    NoApproval,

    /// <summary>For another time.</summary>
    Duration,
}

/// <summary>A grant as it was decided and as it would be.</summary>
internal sealed record SimulatedGrant
{
    public required Guid GrantId { get; init; }
    public required long Sequence { get; init; }

    /// <summary>Opaque id.</summary>
    public required string Principal { get; init; }

    public required string Entitlement { get; init; }

    /// <summary>Whether it gives access now.</summary>
    public required bool Active { get; init; }

    public required SimulatedChange Change { get; init; }
    public required Outcome Recorded { get; init; }
    public required TimeSpan RecordedDuration { get; init; }

    /// <summary>What the candidate is compared with: what the bundle in force would decide, or what was recorded.</summary>
    public required Outcome Before { get; init; }

    public required TimeSpan BeforeDuration { get; init; }
    public required Outcome Candidate { get; init; }
    public required TimeSpan CandidateDuration { get; init; }

    /// <summary>For access that is there now: whether it could stay.</summary>
    public Outcome? Retained { get; init; }

    /// <summary>Why: the determining policies of the answer that changes it, or its reasons where there are none.</summary>
    public required IReadOnlyList<string> Because { get; init; }
}
