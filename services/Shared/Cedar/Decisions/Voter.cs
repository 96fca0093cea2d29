using Governance.Cedar.Bundles;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>A person whose approval counts.</summary>
/// <param name="Approval">The approval.</param>
/// <param name="Person">Who gave it.</param>
/// <param name="OwnsEntitlement">Whether that is the entitlement's owner.</param>
/// <param name="Authority">The policies that permit the person to approve.</param>
internal sealed record Voter(ApprovalFacts Approval, PrincipalFacts Person, bool OwnsEntitlement, IReadOnlyList<string> Authority)
{
    public bool Fits(Approvers from) =>
        from.Kind switch
        {
            ApproverKind.Group => Person.Groups.Contains(from.Name, StringComparer.Ordinal),
            ApproverKind.User => string.Equals(Person.Id, from.Name, StringComparison.Ordinal),
            ApproverKind.Owner => OwnsEntitlement,
            _ => false,
        };
}
