using Governance.Cedar.Bundles;
using Governance.Contracts.Decisions;
using Governance.Voting;

namespace Governance.Cedar.Decisions;

/// <summary>Counts approvals against the gates that fired. Its rules are the engine's own; no policy can override them.</summary>
internal sealed class ApprovalCount
{
    private readonly Slots _slots;
    private readonly List<UncountedApproval> _uncounted = [];

    private ApprovalCount(IReadOnlyList<PolicyDefinition> gates) => _slots = new Slots(gates);

    public bool AllFilled => _slots.AllFilled;

    public IReadOnlyList<UncountedApproval> Uncounted => _uncounted;

    /// <summary>The counted approval that agrees to the shortest duration; null if none shortens.</summary>
    public ApprovalFacts? Shortest =>
        _slots
            .Voters.Select(voter => voter.Approval)
            .Where(approval => AgreedBy(approval) is not null)
            .OrderBy(AgreedBy)
            .ThenBy(approval => approval.Id)
            .FirstOrDefault();

    /// <summary>Counts the approvals in the order in which they were committed.</summary>
    /// <param name="gates">The gates that fired.</param>
    /// <param name="known">The facts.</param>
    /// <param name="mayApprove">Asks policy about an approver.</param>
    public static ApprovalCount Of(IReadOnlyList<PolicyDefinition> gates, KnownFacts known, Func<ApprovalFacts, EvaluationStep> mayApprove)
    {
        var count = new ApprovalCount(gates);
        var counted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var approval in known.Facts.Approvals)
        {
            var person = known.PersonOf(approval.Approver);
            var objection =
                Electorate.ObjectionTo(person, approval.Assurance, known.Stake, Outdated(approval, known))
                ?? (counted.Contains(approval.Approver) ? Objections.Duplicate : null);
            if (objection is { } code)
            {
                count.Reject(approval, code);
                continue;
            }

            // An error skips policies, even forbids, so an answer with errors gives no authority.
            var step = mayApprove(approval);
            if (step.Answer != PolicyEffect.Permit || step.Errors.Count > 0)
            {
                count.Reject(approval, Objections.Policy);
                continue;
            }

            counted.Add(approval.Approver);
            if (!count._slots.TryPlace(new Voter(approval, person!, known.Entitlement.Owner, step.Determining)))
            {
                count.Reject(approval, Objections.NoSlot);
            }
        }

        return count;
    }

    /// <summary>How far a gate is filled.</summary>
    public Gate Describe(PolicyDefinition gate)
    {
        var slots = _slots.Of(gate);
        return new Gate
        {
            Id = gate.Id,
            Requirement = gate.Approval!.Text,
            Reason = gate.Reason,
            Discharged = slots.All(slot => slot.Voter is not null),
            Slots =
            [
                .. slots.Select(slot => new GateSlot
                {
                    From = slot.From.ToString(),
                    Approval = slot.Voter?.Approval.Id,
                    Approver = slot.Voter?.Person.Id,
                    Authority = slot.Voter?.Authority,
                    At = slot.Voter?.Approval.At,
                }),
            ],
        };
    }

    /// <summary>The longest that an approver agreed to; null where the vote doesn't say.</summary>
    public static TimeSpan? AgreedBy(ApprovalFacts approval) => approval.Duration ?? approval.Ballot?.Duration;

    /// <summary>Why the vote is for something else than what is asked now; null if it isn't.</summary>
    private static string? Outdated(ApprovalFacts approval, KnownFacts known) =>
        (approval.Revision ?? 1) != (known.Facts.Request.Revision ?? 1) ? Objections.Stale
        : approval.Ballot is { } ballot && !known.IsFor(ballot) ? Objections.Changed
        : null;

    private void Reject(ApprovalFacts approval, string code) => _uncounted.Add(new UncountedApproval(approval.Id, approval.Approver, code));
}
