using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Contracts.Policy;
using Governance.Lifecycle.Facts;
using Governance.Voting;
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
            // Whether the access may stay at all comes first.
            if (grant.Evaluation is { Purpose: DecisionPurpose.Retain })
            {
                session.Refuse(Refusals.BeingDecidedAgain);
                return;
            }

            await SubmitReviewAsync(session, grant, m, context.CancellationToken);
            return;
        }

        // Taking away needs nobody's leave; that an emergency was looked at does.
        if (grant.Emergency)
        {
            if (grant.EndsAtTarget)
            {
                await StartRevocationAsync(session, grant, EndReason.ReviewedAway, null, null, context.CancellationToken);
            }

            await SubmitReviewAsync(session, grant, m, context.CancellationToken);
            return;
        }

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
        await StartRevocationAsync(session, grant, EndReason.ReviewedAway, null, null, context.CancellationToken);
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
            await AskAboutReviewerAsync(session, grant, cause, fresh, context.CancellationToken);
            return;
        }

        session.Record(grant, new DecisionRecorded(m.EvaluationId, EvaluatedAt(session, open, m), m.Decision, session.Now));
        if (m.Decision.Outcome != Outcome.Permit)
        {
            await RefuseReviewAsync(session, grant, m.Decision.Reasons, context.CancellationToken);
            await AskWhatWaitsAsync(session, grant, EvaluationCause.Renewal, context.CancellationToken);
            return;
        }

        CancelDeadline(session, grant, DeadlineKinds.Review);
        session.Record(
            grant,
            new ReviewRecorded
            {
                Reviewer = submitted.Reviewer,
                Kept = submitted.Kept,
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
        session.Record(
            grant,
            new ReviewSubmitted
            {
                Reviewer = command.Actor.Id,
                Kept = command.Keep,
                Revision = grant.Revision == 1 ? null : grant.Revision,
                Via = command.Actor.Via,
                Comment = session.Keep(grant.Id, command.Comment),
                Key = command.Key,
                At = session.Now,
            }
        );
        await AskAboutReviewerAsync(
            session,
            grant,
            EvaluationCause.Review,
            await AssembleAsync(session, grant, DecisionPurpose.Review, cancellationToken),
            cancellationToken
        );
    }

    private async Task AskAboutReviewerAsync(
        GrantSession session,
        Grant grant,
        string cause,
        AssembledFacts assembled,
        CancellationToken cancellationToken
    )
    {
        if (assembled.Problem is { } problem)
        {
            await RefuseReviewAsync(session, grant, [problem.Code], cancellationToken);
            return;
        }

        RecordQuestion(session, grant, cause, DecisionPurpose.Review, null, assembled);
    }

    private async Task RefuseReviewAsync(
        GrantSession session,
        Grant grant,
        IReadOnlyList<string> reasons,
        CancellationToken cancellationToken
    )
    {
        session.Record(grant, new ReviewRefused(grant.Review!.Submitted!.Reviewer, reasons, session.Now));
        // The time was over while it was being decided, and it was no review after all.
        if (grant is { OwesReview: true, Review.MissedAt: null } && !grant.Deadlines.ContainsKey(DeadlineKinds.Review))
        {
            await MissReviewAsync(session, grant, cancellationToken);
        }
    }

    /// <summary>Somebody's review that came in time is decided first, like an approval.</summary>
    private async Task MissOrDeferAsync(GrantSession session, Grant grant, CancellationToken cancellationToken)
    {
        if (grant is { OwesReview: true, Review.Submitted: not null })
        {
            CancelDeadline(session, grant, DeadlineKinds.Review);
            return;
        }

        await MissReviewAsync(session, grant, cancellationToken);
    }

    /// <summary>What is owed beyond the access is not forgotten with it: the question that got no answer, the deadline that was not told.</summary>
    public async Task RedriveReviewAsync(BehaviorContext<Grant, RedriveGrant> context)
    {
        var (session, grant) = (Session(context), context.Saga);
        if (grant.StreamVersion == context.Message.Version)
        {
            await RedriveReviewAsync(session, grant, context.CancellationToken);
        }
    }

    private async Task RedriveReviewAsync(GrantSession session, Grant grant, CancellationToken cancellationToken)
    {
        if (!grant.OwesReview)
        {
            return;
        }

        if (Overdue(session, grant, DeadlineKinds.Review))
        {
            await MissOrDeferAsync(session, grant, cancellationToken);
        }

        if (grant.Review?.Submitted is not null)
        {
            var assembled = await AssembleAsync(session, grant, DecisionPurpose.Review, cancellationToken);
            await AskAboutReviewerAsync(session, grant, EvaluationCause.Redrive, assembled, cancellationToken);
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
        if (grant.EndsAtTarget)
        {
            await StartRevocationAsync(session, grant, EndReason.ReviewMissed, null, null, cancellationToken);
        }
    }

    // What takes access away is not held up by what it was looked at for.
    private static Refusal? WhyNoReview(LoadedCatalog? catalog, Grant grant, ReviewGrant command) =>
        Votes.Objection(catalog, grant, command.Actor) switch
        {
            Objections.ClaimedOnly => Refusals.ReviewerNotVerified,
            Objections.Unknown or Objections.NotHuman or Objections.Inactive => Refusals.ReviewerNotHuman,
            null => command.Keep ? WhyOutdated(grant, command, required: true) : null,
            _ => Refusals.ReviewerIsInvolved,
        };
}
