using System.Text.Json;

namespace Governance.Cli.Services;

/// <summary>A decision as Lifecycle recorded it, with what it was made from.</summary>
internal sealed record RecordedDecision
{
    public required long Sequence { get; init; }
    public required Guid GrantId { get; init; }
    public required Guid EvaluationId { get; init; }

    /// <summary>Null, as <see cref="Facts"/> is, when the store has no evaluation for the decision.</summary>
    public DateTimeOffset? Now { get; init; }

    public string? Bundle { get; init; }
    public string? Facts { get; init; }
    public string? FactsDigest { get; init; }
    public required JsonElement Decision { get; init; }
}
