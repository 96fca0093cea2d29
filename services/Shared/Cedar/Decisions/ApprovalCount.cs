using Governance.Cedar.Bundles;
using Governance.Contracts.Decisions;

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
            .Where(approval => approval.Duration is not null)
            .OrderBy(approval => approval.Duration)
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
            if (known.Find(approval.Approver) is not { } person)
            {
                count.Reject(approval, UncountedCodes.Unknown);
                continue;
            }

            if (Objection(approval, person, known, counted) is { } code)
            {
                count.Reject(approval, code);
                continue;
            }

            // An error skips policies, even forbids, so an answer with errors gives no authority.
            var step = mayApprove(approval);
            if (step.Answer != PolicyEffect.Permit || step.Errors.Count > 0)
            {
                count.Reject(approval, UncountedCodes.Policy);
                continue;
            }

            counted.Add(person.Id);
            var owns = string.Equals(person.Id, known.Entitlement.Owner, StringComparison.Ordinal);
            if (!count._slots.TryPlace(new Voter(approval, person, owns, step.Determining)))
            {
                count.Reject(approval, UncountedCodes.NoSlot);
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

    private static string? Objection(ApprovalFacts approval, PrincipalFacts person, KnownFacts known, HashSet<string> counted) =>
        approval.Assurance != Assurance.Verified ? UncountedCodes.ClaimedOnly
        : person.Kind != PrincipalKind.Human ? UncountedCodes.NotHuman
        : (approval.Revision ?? 1) != (known.Facts.Request.Revision ?? 1) ? UncountedCodes.Stale
        : !person.Active ? UncountedCodes.Inactive
        : string.Equals(person.Id, KnownFacts.ActorOf(known.Requester), StringComparison.Ordinal) ? UncountedCodes.IsRequester
        : string.Equals(person.Id, KnownFacts.ActorOf(known.Grantee), StringComparison.Ordinal) ? UncountedCodes.IsBeneficiary
        : known.Delegation?.Actors.Contains(person.Id, StringComparer.Ordinal) == true ? UncountedCodes.IsDelegator
        : counted.Contains(person.Id) ? UncountedCodes.Duplicate
        : null;

    private void Reject(ApprovalFacts approval, string code) => _uncounted.Add(new UncountedApproval(approval.Id, approval.Approver, code));
}
