using Governance.Contracts.Decisions;

namespace Governance.Cli.Cases;

/// <summary>What came of a case.</summary>
/// <param name="Case">The case.</param>
/// <param name="Decision">The decision that was made.</param>
/// <param name="Differences">Empty when it is as expected.</param>
internal sealed record CaseResult(PolicyCase Case, Decision Decision, IReadOnlyList<Difference> Differences)
{
    public bool Passed => Differences.Count == 0;
}

/// <summary>A member that is not as expected.</summary>
internal sealed record Difference(string Member, string Expected, string Actual);
