using Governance.Contracts.Decisions;

namespace Governance.Lifecycle.Evidence;

/// <summary>The events that hold a decision as it was made: those with the members <c>decision</c> and <c>evaluationId</c>.</summary>
internal static class DecisionEvents
{
    /// <summary>Their stored names.</summary>
    public static string[] Names { get; } = [.. EventNames.All.Where(e => Holds(e.Key)).Select(e => e.Value)];

    private static bool Holds(Type type) =>
        type.GetProperty("Decision")?.PropertyType == typeof(Decision) && type.GetProperty("EvaluationId")?.PropertyType == typeof(Guid);
}
