using Governance.Contracts;
using Governance.Contracts.Decisions;
using Governance.Lifecycle.Catalog;
using Governance.Voting;

namespace Governance.Lifecycle.Grants;

/// <summary>What the rules of voting say about a grant, as the catalog is. Whether a vote counts, policy decides.</summary>
public static class Votes
{
    /// <summary>Why somebody's vote is turned down; null if it is taken.</summary>
    public static Refusal? ObjectionTo(LoadedCatalog? catalog, Grant grant, ActorRef actor) =>
        Objection(catalog, grant, actor) is { } code ? RefusalOf(code)
        : grant.Gates.Count == 0 || grant.Gates.SelectMany(g => g.Slots).Any(s => MayFill(catalog!, grant, s.From, actor.Id)) ? null
        : Refusals.NotAnApprover;

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
        Electorate.ObjectionTo(PersonOf(catalog, human), Assurance.Verified, StakeIn(catalog, grant)) is null
        && !HasVoted(catalog, grant, human)
        && grant.Gates.SelectMany(g => g.Slots).Any(s => s.Approval is null && MayFill(catalog, grant, s.From, human));

    /// <summary>Whether a vote of this person counts for what is asked now: one for another revision, or for another right, does not.</summary>
    public static bool HasVoted(LoadedCatalog catalog, Grant grant, string human) =>
        grant.Approvals.Exists(a =>
            a.Approver == human
            && a.Assurance == Assurance.Verified
            && (a.Revision ?? 1) == grant.Revision
            && (a.Ballot is not { } cast || BallotIn(catalog, grant, cast.NotBefore, cast.Duration)?.Digest() == cast.Digest)
        );

    /// <summary>Why somebody may not decide on a grant at all (<see cref="Objections"/>); null if they may.</summary>
    public static string? Objection(LoadedCatalog? catalog, Grant grant, ActorRef actor) =>
        catalog is null
            ? Objections.Unknown
            : Electorate.ObjectionTo(PersonOf(catalog, actor.Id), actor.Assurance, StakeIn(catalog, grant));

    /// <summary>What a vote on a grant is for; null where the catalog has no account or right for it.</summary>
    public static Ballot? BallotIn(LoadedCatalog catalog, Grant grant, DateTimeOffset? notBefore, TimeSpan duration) =>
        catalog.Entitlement(grant.Entitlement) is { } entitlement
        && catalog.Principal(grant.Principal)?.Accounts.GetValueOrDefault(entitlement.Target) is { } account
            ? new Ballot
            {
                Principal = grant.Principal,
                Target = entitlement.Target,
                Account = account,
                Privilege = entitlement.Privilege,
                NotBefore = notBefore,
                Duration = duration,
            }
            : null;

    /// <summary>
    /// Whether somebody may read what people wrote about a grant, since they may decide on it: they fill a place of its gates, open or not;
    /// or a review is owed, and they answer for the entitlement or are told of the access. Whom policy lets review is asked when they do.
    /// </summary>
    public static bool MayRead(LoadedCatalog catalog, Grant grant, ActorRef reader) =>
        Objection(catalog, grant, reader) is null
        && grant
            .Gates.SelectMany(g => g.Slots)
            .Select(s => s.From)
            .Concat(grant.OwesReview ? ["owner", .. grant.Obligations?.Notify ?? []] : Array.Empty<string>())
            .Any(from => MayFill(catalog, grant, from, reader.Id));

    /// <summary>Everybody who fills a place of a grant.</summary>
    public static IEnumerable<CatalogPrincipal> WhoFill(LoadedCatalog catalog, string from, string? entitlement)
    {
        var owner = entitlement is null ? null : catalog.Entitlement(entitlement)?.Owner;
        return Approvers.TryParse(from, out var approvers)
            ? catalog.Content.Principals.Where(p =>
                p is { Kind: PrincipalKind.Human, Active: true } && Electorate.MayFill(approvers, PersonOf(p), owner)
            )
            : [];
    }

    /// <summary>The places of a grant that are open, each with those who may fill it and have not voted.</summary>
    public static IEnumerable<(string From, IReadOnlyList<CatalogPrincipal> People)> Open(LoadedCatalog? catalog, Grant grant) =>
        grant
            .Gates.SelectMany(g => g.Slots)
            .Where(s => s.Approval is null)
            .Select(s => s.From)
            .Distinct(StringComparer.Ordinal)
            .Select(from =>
                (
                    from,
                    (IReadOnlyList<CatalogPrincipal>)(
                        catalog is null ? [] : WhoFill(catalog, from, grant.Entitlement).Where(p => MayVote(catalog, grant, p.Id)).ToList()
                    )
                )
            );

    /// <summary>Whether a principal is this human, or is owned by them.</summary>
    public static bool IsBehind(LoadedCatalog catalog, string principal, string human) =>
        principal == human || (catalog.Principal(principal) is { } known && catalog.ActorOf(known) == human);

    /// <summary>Who stands behind a request beside whom it names, in ordinal order.</summary>
    /// <param name="catalog">Who answers for an integration now.</param>
    /// <param name="sender">Who verifiably sent it; empty for nobody.</param>
    /// <param name="known">Who is known to besides.</param>
    public static IReadOnlyList<string> SentBy(LoadedCatalog catalog, string sender, IEnumerable<string> known) =>
        [
            .. (sender.Length == 0 ? [] : catalog.BehindSender(sender))
                .Concat(known)
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Who was behind it when it arrived, and who asked for it first or for longer.</summary>
    public static IEnumerable<string> KnownBehind(Grant grant) =>
        [.. grant.SentBy ?? [], grant.Requester, .. grant.Renewal is { } renewal ? [renewal.Requester] : Array.Empty<string>()];

    private static Stake StakeIn(LoadedCatalog catalog, Grant grant) =>
        Stake.Of(
            grant.Requester,
            SentBy(catalog, grant.Sender ?? "", KnownBehind(grant)),
            grant.Principal,
            grant.OnBehalfOf,
            id => catalog.Principal(id)?.Owner
        );

    private static bool MayFill(LoadedCatalog catalog, Grant grant, string from, string human) =>
        PersonOf(catalog, human) is { } person && Electorate.MayFill(from, person, catalog.Entitlement(grant.Entitlement)?.Owner);

    private static Person? PersonOf(LoadedCatalog catalog, string id) => catalog.Principal(id) is { } known ? PersonOf(known) : null;

    private static Person PersonOf(CatalogPrincipal principal) => new(principal.Id, principal.Kind, principal.Active, principal.Groups);

    private static Refusal RefusalOf(string objection) =>
        objection switch
        {
            Objections.ClaimedOnly => Refusals.NotVerified,
            Objections.IsRequester => Refusals.IsRequester,
            Objections.IsSender => Refusals.IsSender,
            Objections.IsBeneficiary => Refusals.IsBeneficiary,
            Objections.IsDelegator => Refusals.IsActedFor,
            _ => Refusals.NotHuman,
        };
}
