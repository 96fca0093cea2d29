using MassTransit;

namespace Governance.Contracts.Lifecycle;

/// <summary>Lifecycle to itself: a sweep is through, and this grant was forbidden by it: its access goes.</summary>
[EntityName("governance.lifecycle.end-forbidden-grant.v1")]
[MessageUrn("governance:lifecycle:end-forbidden-grant:v1")]
public sealed record EndForbiddenGrant
{
    /// <summary>The grant.</summary>
    public required Guid GrantId { get; init; }

    /// <summary>The sweep: a grant that was decided again since then stays.</summary>
    public required Guid Sweep { get; init; }
}
