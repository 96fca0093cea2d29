using Governance.Contracts.Decisions;
using MassTransit;

namespace Governance.Contracts.Lifecycle;

/// <summary>Command to Policy: decide whether the access may be given, go on longer, or go on at all. Answered by <c>AccessEvaluated</c>.</summary>
[EntityName("governance.lifecycle.evaluate-access.v1")]
[MessageUrn("governance:lifecycle:evaluate-access:v1")]
public sealed record EvaluateAccess
{
    /// <summary>The question's id: only the answer to the question that is open counts.</summary>
    public required Guid EvaluationId { get; init; }

    /// <summary>The grant that it is about.</summary>
    public required Guid GrantId { get; init; }

    /// <summary>What is to be decided.</summary>
    public DecisionPurpose Purpose { get; init; }

    /// <summary>The moment that policies see as now (UTC).</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Digest of the bundle to decide with: the one that Lifecycle has recorded as in force.</summary>
    public required string Bundle { get; init; }

    /// <summary>The facts as RFC 8785 JSON of <see cref="Decisions.AccessFacts"/>.</summary>
    public required string Facts { get; init; }

    /// <summary>Digest of <see cref="Facts"/>.</summary>
    public required string FactsDigest { get; init; }
}
