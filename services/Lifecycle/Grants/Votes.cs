using Governance.Contracts;
using Governance.Contracts.Decisions;
using Governance.Lifecycle.Catalog;

namespace Governance.Lifecycle.Grants;

/// <summary>Who may vote at all: the engine's own rules, checked at once. Whether a vote counts, policy decides.</summary>
public static class Votes
{
    /// <summary>Why somebody's vote is turned down; null if it is taken.</summary>
    public static Refusal? ObjectionTo(LoadedCatalog? catalog, Grant grant, ActorRef actor)
    {
        var voter = catalog?.Principal(actor.Id);
        if (voter is not { Kind: PrincipalKind.Human, Active: true })
        {
            return Refusals.NotHuman;
        }

        if (actor.Assurance != Assurance.Verified)
        {
            return Refusals.NotVerified;
        }

        return IsBehind(catalog!, grant.Requester, voter.Id) ? Refusals.IsRequester
            : IsBehind(catalog!, grant.Principal, voter.Id) ? Refusals.IsBeneficiary
            : IsActedFor(catalog!, grant, voter.Id) ? Refusals.IsActedFor
            : grant.Gates.Count == 0 || grant.Gates.SelectMany(g => g.Slots).Any(s => MayFill(catalog!, grant, s.From, voter)) ? null
            : Refusals.NotAnApprover;
    }

    /// <summary>
    /// Why somebody's rejection is turned down; null if it is taken. An approval that nobody has asked for yet is kept and counted; a
    /// rejection ends the request at once, so it needs a place that is asked for.
    /// </summary>
    public static Refusal? ObjectionToRejection(LoadedCatalog? catalog, Grant grant, ActorRef actor) =>
        ObjectionTo(catalog, grant, actor) is { } objection ? objection
        : grant.Gates.Count > 0 ? null
        : grant.CurrentState == GrantState.Evaluating || grant.Renewal is { Status: RenewalStatus.Deciding } ? Refusals.NotAskedYet
        : Refusals.NotAnApprover;

    /// <summary>Whether a vote of this person would be taken and is still wanted: some place is open that they may fill, and they have not voted.</summary>
    public static bool MayVote(LoadedCatalog catalog, Grant grant, string human) =>
        catalog.Principal(human) is { Kind: PrincipalKind.Human, Active: true } voter
        && !IsBehind(catalog, grant.Requester, human)
        && !IsBehind(catalog, grant.Principal, human)
        && !IsActedFor(catalog, grant, human)
        && !grant.Approvals.Exists(a => a.Approver == human && a.Assurance == Assurance.Verified && (a.Revision ?? 1) == grant.Revision)
        && grant.Gates.SelectMany(g => g.Slots).Any(s => s.Approval is null && MayFill(catalog, grant, s.From, voter));

    /// <summary>Whether a principal is this human, or is owned by them.</summary>
    public static bool IsBehind(LoadedCatalog catalog, string principal, string human) =>
        principal == human || (catalog.Principal(principal) is { } known && catalog.ActorOf(known) == human);

    /// <summary>Whether the grantee acts on behalf of this human, or of an identity of theirs.</summary>
    public static bool IsActedFor(LoadedCatalog catalog, Grant grant, string human) =>
        grant.OnBehalfOf?.Any(delegator => IsBehind(catalog, delegator, human)) == true;

    private static bool MayFill(LoadedCatalog catalog, Grant grant, string from, CatalogPrincipal voter) =>
        from.Split(':', 2) switch
        {
            ["group", var group] => voter.Groups.Contains(group, StringComparer.Ordinal),
            ["user", var id] => voter.Id == id,
            ["owner"] => catalog.Entitlement(grant.Entitlement)?.Owner == voter.Id,
            _ => false,
        };
}
