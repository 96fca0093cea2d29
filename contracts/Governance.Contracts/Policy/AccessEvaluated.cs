using Governance.Contracts.Decisions;
using MassTransit;

namespace Governance.Contracts.Policy;

/// <summary>Answer to <c>EvaluateAccess</c>.</summary>
[EntityName("governance.policy.access-evaluated.v1")]
[MessageUrn("governance:policy:access-evaluated:v1")]
public sealed record AccessEvaluated
{
    /// <summary>The question.</summary>
    public required Guid EvaluationId { get; init; }

    /// <summary>The grant that it is about.</summary>
    public required Guid GrantId { get; init; }

    /// <summary>When it was answered (UTC).</summary>
    public required DateTimeOffset EvaluatedAt { get; init; }

    /// <summary>The decision.</summary>
    public required Decision Decision { get; init; }
}
