using MassTransit;

namespace Governance.Contracts.Lifecycle;

/// <summary>Lifecycle to itself: something that the access was decided on has changed, so whether it may stay is to be decided again.</summary>
[EntityName("governance.lifecycle.reconsider-grant.v1")]
[MessageUrn("governance:lifecycle:reconsider-grant:v1")]
public sealed record ReconsiderGrant
{
    /// <summary>The grant.</summary>
    public required Guid GrantId { get; init; }

    /// <summary>What has changed: <c>sweep</c> (the bundle or the catalog) or <c>delegation</c> (the right of somebody on whose behalf the grantee acts).</summary>
    public required string Cause { get; init; }

    /// <summary>The sweep that asks, which also takes the access away if it has to go; null where it goes at once.</summary>
    public Guid? Sweep { get; init; }
}
