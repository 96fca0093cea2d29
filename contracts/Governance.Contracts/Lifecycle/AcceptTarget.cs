using MassTransit;

namespace Governance.Contracts.Lifecycle;

/// <summary>An operator accepts who answers at a target now: after a restore, an upgrade or a move. Lifecycle has recorded who and why.</summary>
[EntityName("governance.lifecycle.accept-target.v1")]
[MessageUrn("governance:lifecycle:accept-target:v1")]
public sealed record AcceptTarget
{
    /// <summary>Id of this acceptance: a repeat changes nothing.</summary>
    public required Guid Acceptance { get; init; }

    /// <summary>Id of the target in the catalog.</summary>
    public required string Target { get; init; }

    /// <summary>The identity that the operator saw and accepts, and no other; null where the target tells none.</summary>
    public string? Identity { get; init; }

    /// <summary>Id of the operator.</summary>
    public required string By { get; init; }
}
