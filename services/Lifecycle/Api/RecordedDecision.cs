using System.Text.Json;

namespace Governance.Lifecycle.Api;

/// <summary>A decision as it was recorded, with all that is needed to make it again.</summary>
public sealed record RecordedDecision
{
    /// <summary>Place in the whole store.</summary>
    public required long Sequence { get; init; }

    public required Guid GrantId { get; init; }
    public required Guid EvaluationId { get; init; }

    /// <summary>What was decided about the grant.</summary>
    public required string Purpose { get; init; }

    /// <summary>The moment that policies saw; null when the evaluation is not in the store.</summary>
    public DateTimeOffset? Now { get; init; }

    /// <summary>Digest of the policy bundle.</summary>
    public string? Bundle { get; init; }

    /// <summary>The facts as they were stored and hashed: a text, so that its digest can be checked.</summary>
    public string? Facts { get; init; }

    public string? FactsDigest { get; init; }

    /// <summary>As it is stored.</summary>
    public required JsonElement Decision { get; init; }

    /// <summary>When it was recorded.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <param name="Decisions">In the order of the store.</param>
/// <param name="Next">The value of <c>after</c> for the page after this one; null when there is none.</param>
public sealed record RecordedDecisionPage(IReadOnlyList<RecordedDecision> Decisions, long? Next)
{
    /// <summary>Where nothing was found: the sequence of the last decision of all; null where there is none, or something was found.</summary>
    public long? Last { get; init; }
}
