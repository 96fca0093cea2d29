using MassTransit;

namespace Governance.Contracts.Policy;

/// <summary>
/// The bundle that policy authors want in force, stored and valid. Said at every activation and repeated regularly: a state, not a change.
/// </summary>
[EntityName("governance.policy.bundle-announced.v1")]
[MessageUrn("governance:policy:bundle-announced:v1")]
public sealed record BundleAnnounced
{
    /// <summary>Number of the activation, rising by one; a lower one than recorded is old news.</summary>
    public required long Activation { get; init; }

    /// <summary>Digest of the bundle.</summary>
    public required string Bundle { get; init; }

    /// <summary>Digest of its schema.</summary>
    public required string Schema { get; init; }

    /// <summary>Engine and version.</summary>
    public required string Engine { get; init; }

    /// <summary>How many policies it has.</summary>
    public required int Policies { get; init; }

    /// <summary>When it was activated (UTC).</summary>
    public required DateTimeOffset ActivatedAt { get; init; }
}
