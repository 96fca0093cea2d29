using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using MassTransit;

namespace Governance.Lifecycle.Grants;

// Access that somebody has to look at, also when it is over.
public sealed partial class GrantTransitions
{
    public async Task RecordReviewAsync(BehaviorContext<Grant, ReviewGrant> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (Repeats(grant, m))
        {
            return;
        }

        if (!grant.OwesReview)
        {
            session.Refuse(Refusals.NothingToReview);
            return;
        }

        var fresh = await AssembleAsync(session, grant, DecisionPurpose.Retain, context.CancellationToken);
        if (WhyNoReview(fresh.Catalog, grant, m) is { } refusal)
        {
            session.Refuse(refusal);
            return;
        }

        CancelDeadline(session, grant, DeadlineKinds.Review);
        session.Record(
            grant,
            new ReviewRecorded
            {
                Reviewer = m.Actor.Id,
                Kept = m.Keep,
                Via = m.Actor.Via,
                Comment = session.Keep(grant.Id, m.Comment),
                Key = m.Key,
                At = session.Now,
            }
        );
        if (!m.Keep && grant.CurrentState is GrantState.Activating or GrantState.Active)
        {
            await StartRevocationAsync(session, grant, EndReason.ReviewedAway, null, null, context.CancellationToken);
        }
    }

    private static void OweReview(GrantSession session, Grant grant, DateTimeOffset activatedAt)
    {
        if (grant.Obligations?.ReviewWithin is { } within)
        {
            var due = activatedAt + within;
            session.Record(grant, new ReviewOwed(due, session.Now));
            SetDeadline(session, grant, DeadlineKinds.Review, due);
        }
    }

    /// <summary>What nobody looked at in time does not stay, and whoever used emergency access gets none until somebody has.</summary>
    private async Task MissReviewAsync(GrantSession session, Grant grant, CancellationToken cancellationToken)
    {
        CancelDeadline(session, grant, DeadlineKinds.Review);
        session.Record(grant, new ReviewMissed(grant.Review!.Due, session.Now));
        Log.ReviewMissed(logger, grant.Id, grant.Review.Due);
        if (grant.CurrentState is GrantState.Activating or GrantState.Active)
        {
            await StartRevocationAsync(session, grant, EndReason.ReviewMissed, null, null, cancellationToken);
        }
    }

    // The engine's own rules: a verified human who is neither behind the request nor behind the grantee.
    private static Refusal? WhyNoReview(LoadedCatalog? catalog, Grant grant, ReviewGrant command)
    {
        var reviewer = catalog?.Principal(command.Actor.Id);
        return reviewer is not { Kind: PrincipalKind.Human, Active: true } ? Refusals.ReviewerNotHuman
            : command.Actor.Assurance != Assurance.Verified ? Refusals.ReviewerNotVerified
            : Votes.IsBehind(catalog!, grant.Requester, reviewer.Id) || Votes.IsBehind(catalog!, grant.Principal, reviewer.Id)
                ? Refusals.ReviewerIsInvolved
            : null;
    }
}
