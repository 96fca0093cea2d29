using MassTransit;

namespace Governance.Contracts.Lifecycle;

/// <summary>
/// What waits for its next attempt is tried now: one holding, or all at a target. What an attempt of unknown outcome may still change is left
/// alone until that is over.
/// </summary>
[EntityName("governance.lifecycle.retry-holdings.v1")]
[MessageUrn("governance:lifecycle:retry-holdings:v1")]
public sealed record RetryHoldings
{
    /// <summary>Id of the target in the catalog; null where a holding is named.</summary>
    public string? Target { get; init; }

    /// <summary>Whose holding; null for all at the target.</summary>
    public string? Principal { get; init; }

    /// <summary>The holding's entitlement; null for all at the target.</summary>
    public string? Entitlement { get; init; }
}
