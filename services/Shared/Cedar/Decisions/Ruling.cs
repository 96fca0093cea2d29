using Governance.Cedar.Bundles;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>What policies say about one duration: permits that hold and gates that fired, or a refusal.</summary>
/// <param name="Refusal">The reason's code; null if it is permitted, perhaps behind gates.</param>
/// <param name="Permits">The determining permits, in ordinal order of their ids.</param>
/// <param name="Gates">The gates that fired, in ordinal order of their ids.</param>
/// <param name="Forbids">The determining policies of a refusal.</param>
/// <param name="Errors">Any makes it a refusal.</param>
internal sealed record Ruling(
    string? Refusal,
    IReadOnlyList<PolicyDefinition> Permits,
    IReadOnlyList<PolicyDefinition> Gates,
    IReadOnlyList<PolicyDefinition> Forbids,
    IReadOnlyList<EvaluationError> Errors
)
{
    /// <summary>All whose annotations bind.</summary>
    public IEnumerable<PolicyDefinition> Binding => Permits.Concat(Gates);

    public static Ruling Refuse(string reason, IReadOnlyList<PolicyDefinition> forbids, IReadOnlyList<EvaluationError> errors) =>
        new(reason, [], [], forbids, errors);

    /// <summary>
    /// S is all policies, B is S without gates. An error refuses, and so does a forbid that is no gate. Where only gates deny, B is asked,
    /// so that nobody is asked to approve what would be denied anyway.
    /// </summary>
    /// <param name="bundle">Holds the policies.</param>
    /// <param name="all">S's answer.</param>
    /// <param name="withoutGates">Asks B.</param>
    public static Ruling Of(PolicyBundle bundle, EvaluationStep all, Func<EvaluationStep> withoutGates)
    {
        var determining = Determining(bundle, all);
        if (all.Errors.Count > 0)
        {
            return Refuse(DecisionReasons.EvaluationError, determining, all.Errors);
        }

        if (all.Answer == PolicyEffect.Permit)
        {
            return new Ruling(null, determining, [], [], []);
        }

        if (determining.Count == 0 || determining.Any(policy => !policy.IsGate))
        {
            return Refuse(determining.Count == 0 ? DecisionReasons.NoPermit : DecisionReasons.Forbidden, determining, []);
        }

        var rest = withoutGates();
        if (rest.Errors.Count > 0)
        {
            return Refuse(DecisionReasons.EvaluationError, determining, rest.Errors);
        }

        return rest.Answer == PolicyEffect.Permit
            ? new Ruling(null, Determining(bundle, rest), determining, [], [])
            : Refuse(DecisionReasons.NoPermit, Determining(bundle, rest), []);
    }

    public static IReadOnlyList<PolicyDefinition> Determining(PolicyBundle bundle, EvaluationStep step) =>
        [.. step.Determining.Select(id => bundle.Policies[id])];
}
