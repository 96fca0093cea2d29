using Governance.Contracts.Expiry;
using Governance.Contracts.Lifecycle;
using MassTransit;

namespace Governance.Lifecycle.Grants;

// Deadlines: compared by revision, never with a clock.
public sealed partial class GrantTransitions
{
    public async Task ReachDeadlineAsync(BehaviorContext<Grant, DeadlineReached> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (!grant.Deadlines.TryGetValue(m.Kind, out var current) || current.Revision != m.Revision)
        {
            AcknowledgeStaleDeadline(context);
            return;
        }

        // It counts all the same: what ends early gives nobody more, and what would begin early is scheduled again.
        told.Notice("expiry", new AnswerWindow(null, session.Now), current.Due, session.Now, grant.Id);
        var cancellation = context.CancellationToken;
        switch (m.Kind)
        {
            case DeadlineKinds.Expiry:
                await StartRevocationAsync(session, grant, EndReason.Expired, null, null, cancellation);
                break;
            case DeadlineKinds.Activation:
                await StartRevocationAsync(session, grant, EndReason.ActivationFailed, null, null, cancellation);
                break;
            case DeadlineKinds.ApprovalWindow:
                await LapseOrDeferAsync(session, grant, cancellation);
                break;
            case DeadlineKinds.Start:
                CancelDeadline(session, grant, DeadlineKinds.Start);
                await StartEvaluationAsync(session, grant, EvaluationCause.Start, cancellation);
                break;
            case DeadlineKinds.Review:
                await MissOrDeferAsync(session, grant, cancellation);
                break;
            default:
                Log.UnknownDeadline(logger, grant.Id, m.Kind);
                break;
        }

        // What was cancelled is settled by that, which can't get lost.
        if (grant.Deadlines.ContainsKey(m.Kind))
        {
            Acknowledge(context);
        }
    }

    /// <summary>The deadline does not count: the current one of its kind is set again, or it is acknowledged.</summary>
    public void AcknowledgeStaleDeadline(BehaviorContext<Grant, DeadlineReached> context)
    {
        var (grant, m) = (context.Saga, context.Message);
        if (!grant.Deadlines.TryGetValue(m.Kind, out var current))
        {
            Acknowledge(context);
            return;
        }

        if (m.Revision > current.Revision)
        {
            // Expiry knows more than the grant: the store was restored from a backup. The deadline is set again above what Expiry holds.
            Session(context).Record(grant, new DeadlineSet(m.Kind, current.Due, m.Revision + 1));
            return;
        }

        SetAgain(context, grant, m.Kind, current);
    }

    /// <summary>In a state that only a review can still come in: what is of another kind does not count any more.</summary>
    public async Task ReachReviewAsync(BehaviorContext<Grant, DeadlineReached> context)
    {
        if (context.Message.Kind == DeadlineKinds.Review)
        {
            await ReachDeadlineAsync(context);
            return;
        }

        AcknowledgeStaleDeadline(context);
    }

    public Task SetDeadlineAgainAsync(BehaviorContext<Grant, Fault<SetDeadline>> context)
    {
        var (grant, m) = (context.Saga, context.Message.Message);
        if (grant.Deadlines.TryGetValue(m.Kind, out var current) && current.Revision == m.Revision)
        {
            SetAgain(context, grant, m.Kind, current);
        }

        return Task.CompletedTask;
    }

    private static void SetAgain(BehaviorContext<Grant> context, Grant grant, string kind, GrantDeadline current) =>
        Session(context)
            .AfterCommit(token =>
                context.Publish(
                    new SetDeadline
                    {
                        GrantId = grant.Id,
                        Kind = kind,
                        Due = current.Due,
                        Revision = current.Revision,
                    },
                    token
                )
            );

    private static void Acknowledge(BehaviorContext<Grant, DeadlineReached> context)
    {
        var m = context.Message;
        Session(context)
            .AfterCommit(token =>
                context.Publish(
                    new DeadlineAcknowledged
                    {
                        GrantId = m.GrantId,
                        Kind = m.Kind,
                        Revision = m.Revision,
                    },
                    token
                )
            );
    }

    private static async Task LapseOrDeferAsync(GrantSession session, Grant grant, CancellationToken cancellationToken)
    {
        // An approval that was committed before the window ended is decided first.
        if (grant.Evaluation is not null)
        {
            CancelDeadline(session, grant, DeadlineKinds.ApprovalWindow);
            session.Record(grant, new LapseDeferred(session.Now));
            return;
        }

        await LapseAsync(session, grant, cancellationToken);
    }

    private static async Task LapseWhenOverdueAsync(GrantSession session, Grant grant, CancellationToken cancellationToken)
    {
        if (Overdue(session, grant, DeadlineKinds.ApprovalWindow))
        {
            await LapseAsync(session, grant, cancellationToken);
        }
    }

    private static async Task LapseAsync(GrantSession session, Grant grant, CancellationToken cancellationToken)
    {
        await LeaveAsync(session, grant, cancellationToken);
        session.Record(grant, new GrantLapsed(session.Now));
    }

    // Only the re-drive asks the clock, and only for what should have been told long ago.
    private static bool Overdue(GrantSession session, Grant grant, string kind) =>
        grant.Deadlines.TryGetValue(kind, out var deadline) && deadline.Due + TimeSpan.FromSeconds(5) < session.Now;

    private static void SetDeadline(GrantSession session, Grant grant, string kind, DateTimeOffset due) =>
        session.Record(grant, new DeadlineSet(kind, Moments.Truncate(due), grant.StreamVersion + 1));

    private static void CancelDeadline(GrantSession session, Grant grant, params IReadOnlyList<string> kinds)
    {
        foreach (var kind in kinds)
        {
            if (grant.Deadlines.ContainsKey(kind))
            {
                session.Record(grant, new DeadlineCancelled(kind, grant.StreamVersion + 1));
            }
        }
    }
}
