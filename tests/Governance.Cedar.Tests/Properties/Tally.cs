using System.Collections.Concurrent;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

/// <summary>How often each outcome came out, so that a property which was never really tried is noticed.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<string, int> _reasons = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Outcome, int> _outcomes = new();

    public int Least => Enum.GetValues<Outcome>().Min(outcome => _outcomes.GetValueOrDefault(outcome));

    public void Add(Decision decision)
    {
        _outcomes.AddOrUpdate(decision.Outcome, 1, (_, count) => count + 1);
        _reasons.AddOrUpdate(decision.Reasons[0], 1, (_, count) => count + 1);
    }

    public override string ToString() =>
        string.Join(", ", _reasons.OrderByDescending(reason => reason.Value).Select(reason => $"{reason.Key} {reason.Value}"));
}
