using Governance.Cedar.Bundles;
using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

internal static class Deciding
{
    public static Decision Decide(this PolicyBundle bundle, AccessFacts facts) =>
        new DecisionEngine(TheEngine.Shared).Decide(DecisionPurpose.Issue, Facts.Now, bundle, facts);

    /// <summary>With permits to ask and to vote, so that a test has only what it is about.</summary>
    public static Decision Decide(AccessFacts facts, params string[] policies) =>
        Texts.Bundle([Texts.MayRequest, Texts.MayApprove, .. policies]).Decide(facts);

    public static Decision Decide(DecisionPurpose purpose, AccessFacts facts, params string[] policies) =>
        new DecisionEngine(TheEngine.Shared).Decide(
            purpose,
            Facts.Now,
            Texts.Bundle([Texts.MayRequest, Texts.MayApprove, .. policies]),
            facts
        );

    public static string[] Purposes(this Decision decision) => [.. decision.Steps.Select(step => step.Purpose)];

    public static string[] PolicyIds(this Decision decision) => [.. decision.Policies.Select(policy => policy.Id)];

    public static (string Approver, string Code)[] Rejected(this Decision decision) =>
        [.. decision.Uncounted.Select(uncounted => (uncounted.Approver, uncounted.Code))];

    public static string?[] Filled(this Decision decision) =>
        [.. decision.Gates.SelectMany(gate => gate.Slots).Select(slot => slot.Approver)];
}
