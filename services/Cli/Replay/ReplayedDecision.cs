namespace Governance.Cli.Replay;

/// <summary>What came of making a recorded decision again.</summary>
internal sealed record ReplayedDecision
{
    public required long Sequence { get; init; }
    public required Guid GrantId { get; init; }
    public required Guid EvaluationId { get; init; }

    /// <summary>By which rules and engine it was made, when those are not this program's; else null.</summary>
    public string? MadeBy { get; init; }

    /// <summary>Empty when it comes out the same.</summary>
    public required IReadOnlyList<JsonDifference> Differences { get; init; }

    public bool IsSame => MadeBy is null && Differences.Count == 0;
}
