using Governance.Cedar.Bundles;
using Governance.Cedar.Decisions;

namespace Governance.Cli.Cases;

/// <summary>Decides cases with the engine that the Policy service decides with.</summary>
internal sealed class CaseRunner(DecisionEngine engine, PolicyBundle bundle)
{
    private readonly Dictionary<string, int> _determining = bundle.Policies.Keys.ToDictionary(id => id, _ => 0, StringComparer.Ordinal);

    /// <summary>By policy, in how many of the cases so far it determined the answer to any question.</summary>
    public IReadOnlyDictionary<string, int> Coverage => _determining;

    public CaseResult Run(PolicyCase policyCase)
    {
        var decision = engine.Decide(policyCase.Purpose, policyCase.Now, bundle, policyCase.Facts);
        foreach (var id in decision.Steps.SelectMany(step => step.Determining).Distinct(StringComparer.Ordinal))
        {
            _determining[id]++;
        }

        return new CaseResult(policyCase, decision, new Comparison(policyCase, decision).Differences);
    }
}
