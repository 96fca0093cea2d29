using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Contracts.Policy;
using Governance.Lifecycle.Facts;
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

        if (m.Keep)
        {
            await SubmitReviewAsync(session, grant, m, context.CancellationToken);
            return;
        }

        // Taking away needs nobody's leave.
        CancelDeadline(session, grant, DeadlineKinds.Review);
        session.Record(
            grant,
            new ReviewRecorded
            {
                Reviewer = m.Actor.Id,
                Kept = false,
                Via = m.Actor.Via,
                Authority = [],
                Comment = session.Keep(grant.Id, m.Comment),
                Key = m.Key,
                At = session.Now,
            }
        );
        if (grant.EndsAtTarget)
        {
            await StartRevocationAsync(session, grant, EndReason.ReviewedAway, null, null, context.CancellationToken);
        }
    }

    /// <summary>Policy's answer about a reviewer, in whatever state the grant is by now.</summary>
    public async Task RecordReviewAnswerAsync(BehaviorContext<Grant, AccessEvaluated> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (
            grant.Evaluation is not { Purpose: DecisionPurpose.Review } open
            || open.Id != m.EvaluationId
            || grant.Review?.Submitted is not { } submitted
        )
        {
            return;
        }

        var fresh = await AssembleAsync(session, grant, DecisionPurpose.Review, context.CancellationToken);
        if (Staleness(session, open, m.Decision, fresh) is { } cause)
        {
            AskAboutReviewer(session, grant, cause, fresh);
            return;
        }

        session.Record(grant, new DecisionRecorded(m.EvaluationId, m.EvaluatedAt, m.Decision, session.Now));
        if (m.Decision.Outcome != Outcome.Permit)
        {
            session.Record(grant, new ReviewRefused(submitted.Reviewer, m.Decision.Reasons, session.Now));
            await AskWhatWaitsAsync(session, grant, EvaluationCause.Renewal, context.CancellationToken);
            return;
        }

        CancelDeadline(session, grant, DeadlineKinds.Review);
        session.Record(
            grant,
            new ReviewRecorded
            {
                Reviewer = submitted.Reviewer,
                Kept = true,
                Via = submitted.Via,
                Authority = [.. m.Decision.Policies.Select(p => p.Id)],
                Comment = submitted.Comment,
                At = session.Now,
            }
        );
        await AskWhatWaitsAsync(session, grant, EvaluationCause.Renewal, context.CancellationToken);
    }

    private async Task SubmitReviewAsync(GrantSession session, Grant grant, ReviewGrant command, CancellationToken cancellationToken)
    {
        // Whether the access may stay at all comes first.
        if (grant.Evaluation is { Purpose: DecisionPurpose.Retain })
        {
            session.Refuse(Refusals.BeingDecidedAgain);
            return;
        }

        session.Record(
            grant,
            new ReviewSubmitted
            {
                Reviewer = command.Actor.Id,
                Via = command.Actor.Via,
                Comment = session.Keep(grant.Id, command.Comment),
                Key = command.Key,
                At = session.Now,
            }
        );
        AskAboutReviewer(
            session,
            grant,
            EvaluationCause.Review,
            await AssembleAsync(session, grant, DecisionPurpose.Review, cancellationToken)
        );
    }

    private static void AskAboutReviewer(GrantSession session, Grant grant, string cause, AssembledFacts assembled)
    {
        if (assembled.Problem is { } problem)
        {
            session.Record(grant, new ReviewRefused(grant.Review!.Submitted!.Reviewer, [problem.Code], session.Now));
            return;
        }

        RecordQuestion(session, grant, cause, DecisionPurpose.Review, null, assembled);
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
        if (grant.EndsAtTarget)
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
