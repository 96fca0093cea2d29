using MassTransit;

namespace Governance.Contracts.Lifecycle;

/// <summary>Lifecycle to itself: this grant has waited longer than its state allows, so whatever it waits for is asked for again.</summary>
[EntityName("governance.lifecycle.redrive-grant.v1")]
[MessageUrn("governance:lifecycle:redrive-grant:v1")]
public sealed record RedriveGrant
{
    /// <summary>The grant.</summary>
    public required Guid GrantId { get; init; }

    /// <summary>Stream version that was seen waiting: when the grant has moved on, there is nothing to do.</summary>
    public required long Version { get; init; }
}
