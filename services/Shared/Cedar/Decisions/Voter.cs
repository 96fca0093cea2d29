using Governance.Contracts.Decisions;
using Governance.Voting;

namespace Governance.Cedar.Decisions;

/// <summary>A person whose approval counts.</summary>
/// <param name="Approval">The approval.</param>
/// <param name="Person">Who gave it.</param>
/// <param name="Owner">Opaque id of the entitlement's owner.</param>
/// <param name="Authority">The policies that permit the person to approve.</param>
internal sealed record Voter(ApprovalFacts Approval, Person Person, string Owner, IReadOnlyList<string> Authority)
{
    public bool Fits(Approvers from) => Electorate.MayFill(from, Person, Owner);
}
