using Governance.Cedar.Bundles;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>
/// Decides on access: pure, the same input gives the same decision, on any machine and at any later time. Safe to use from any number of
/// threads.
/// </summary>
/// <remarks>
/// With S all policies of the bundle and B those that are no gates: any error is Forbid; S allows is Permit; S denies by anything but
/// gates, or by default, is Forbid; S denies by gates only and B allows is ApprovalRequired, or Permit once the recorded approvals fill
/// every place of every gate. The duration is cut to catalog, system, exemption and delegation before the first evaluation, to the
/// determining policies' <c>@maxDuration</c>, the change window and what the approvers agreed to after it, and is then evaluated again; a
/// second such cut is Forbid. An emergency asks <c>breakGlass</c> of the requester in place of <c>issue</c>.
/// An error of a policy while an approver's authority is checked leaves that approval uncounted and is recorded in the step.
/// </remarks>
public sealed class DecisionEngine(CedarEngine engine)
{
    /// <summary>
    /// Version of the rules that make a decision of the engine's answers: raised whenever the same input may come out otherwise, so that a
    /// replay can tell a changed rule from a changed record.
    /// </summary>
    public const int Rules = 3;

    /// <summary>Decides. Whatever is wrong with the facts or fails on the way is a Forbid with a reason, never an exception.</summary>
    /// <param name="purpose">What is being decided.</param>
    /// <param name="now">The moment that policies see as now; cut to milliseconds.</param>
    /// <param name="bundle">The policies.</param>
    /// <param name="facts">Everything else.</param>
    public Decision Decide(DecisionPurpose purpose, DateTimeOffset now, PolicyBundle bundle, AccessFacts facts)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(facts);
        return new Deliberation(engine, bundle, purpose, facts, Moments.Truncate(now)).Decide();
    }
}
