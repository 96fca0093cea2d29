using Governance.Contracts;
using Governance.Contracts.Decisions;
using Governance.Lifecycle.Catalog;
using MassTransit;

namespace Governance.Lifecycle.Grants;

// Commands from people. The engine's own rules are checked here at once; whether an approval counts, policy decides.
public sealed partial class GrantTransitions
{
    public async Task RecordApprovalAsync(BehaviorContext<Grant, ApproveGrant> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (Repeats(grant, m))
        {
            return;
        }

        var purpose = grant.CurrentState == GrantState.Active ? DecisionPurpose.Renew : DecisionPurpose.Issue;
        var asked = DurationOf(grant, purpose);
        var fresh = await AssembleAsync(session, grant, purpose, context.CancellationToken);
        if (Votes.ObjectionTo(fresh.Catalog, grant, m.Actor) is { } refusal)
        {
            session.Refuse(refusal);
            return;
        }

        if (WhyOutdated(grant, m, required: true) is { } outdated)
        {
            session.Refuse(outdated);
            return;
        }

        if (m.Duration > asked)
        {
            session.Refuse(Refusals.LongerThanAsked(asked));
            return;
        }

        if (Votes.HasVoted(fresh.Catalog!, grant, m.Actor.Id))
        {
            session.Refuse(Refusals.AlreadyApproved);
            return;
        }

        session.Record(
            grant,
            new ApprovalRecorded
            {
                ApprovalId = NameBasedUuid.Create(
                    grant.Id,
                    "vote\n" + m.Actor.Id + "\n" + grant.StreamVersion.ToString(System.Globalization.CultureInfo.InvariantCulture)
                ),
                Approver = m.Actor.Id,
                Assurance = m.Actor.Assurance,
                Via = m.Actor.Via,
                Comment = session.Keep(grant.Id, m.Comment),
                Key = m.Key,
                Duration = m.Duration == asked ? null : m.Duration,
                Revision = grant.Revision == 1 ? null : grant.Revision,
                Ballot = Cast(fresh.Catalog, grant, RequestOf(grant, purpose).NotBefore, m.Duration ?? asked),
                Bundle = fresh.Bundle,
                At = session.Now,
            }
        );

        // While policy is being asked for the first time, the answer will find that the facts have changed, and ask again.
        if (purpose == DecisionPurpose.Renew)
        {
            await AskWhatWaitsAsync(session, grant, EvaluationCause.Approval, context.CancellationToken);
        }
        else if (grant.CurrentState != GrantState.Evaluating)
        {
            await StartEvaluationAsync(session, grant, EvaluationCause.Approval, context.CancellationToken);
        }
    }

    public async Task RecordRejectionAsync(BehaviorContext<Grant, RejectGrant> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (Repeats(grant, m))
        {
            return;
        }

        var fresh = await AssembleAsync(session, grant, DecisionPurpose.Issue, context.CancellationToken);
        if ((Votes.ObjectionToRejection(fresh.Catalog, grant, m.Actor) ?? WhyOutdated(grant, m, required: false)) is { } refusal)
        {
            session.Refuse(refusal);
            return;
        }

        await LeaveAsync(session, grant, context.CancellationToken);
        session.Record(
            grant,
            new GrantRejected
            {
                Approver = m.Actor.Id,
                Assurance = m.Actor.Assurance,
                Via = m.Actor.Via,
                Comment = session.Keep(grant.Id, m.Comment),
                Key = m.Key,
                At = session.Now,
            }
        );
    }

    public async Task EditAsync(BehaviorContext<Grant, EditGrant> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (Repeats(grant, m))
        {
            return;
        }

        if (m.Actor.Id != grant.Requester || m.Actor.Assurance != Assurance.Verified)
        {
            session.Refuse(Refusals.NotTheEditor);
            return;
        }

        if (WhyOutdated(grant, m, required: true) is { } outdated)
        {
            session.Refuse(outdated);
            return;
        }

        session.Record(
            grant,
            new RequestEdited
            {
                Revision = grant.Revision + 1,
                Duration = m.Duration ?? grant.RequestedDuration,
                NotBefore = m.NotBefore ?? grant.NotBefore,
                Text = session.Keep(grant.Id, m.Justification),
                Actor = m.Actor,
                Key = m.Key,
                At = session.Now,
            }
        );
        await StartEvaluationAsync(session, grant, EvaluationCause.Edit, context.CancellationToken);
    }

    public async Task WithdrawAsync(BehaviorContext<Grant, WithdrawGrant> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (Repeats(grant, m))
        {
            return;
        }

        if (m.Actor.Id != grant.Requester || m.Actor.Assurance != Assurance.Verified)
        {
            session.Refuse(Refusals.NotTheRequester);
            return;
        }

        var comment = session.Keep(grant.Id, m.Comment);
        if (grant.EndsAtTarget)
        {
            await StartRevocationAsync(session, grant, EndReason.Withdrawn, comment, m.Key, context.CancellationToken);
            return;
        }

        await LeaveAsync(session, grant, context.CancellationToken);
        session.Record(grant, new GrantWithdrawn(m.Actor, comment, m.Key, session.Now));
    }

    /// <summary>Why a command is about something else than what is asked now; null if it isn't.</summary>
    /// <param name="grant">The grant.</param>
    /// <param name="command">The command.</param>
    /// <param name="required">Whether it has to say what it is about, once there is more than one revision.</param>
    private static Refusal? WhyOutdated(Grant grant, RevisedCommand command, bool required) =>
        (command.Revision ?? (required ? 1 : grant.Revision)) == grant.Revision ? null : Refusals.OtherRevision(grant.Revision);

    public async Task RevokeAsync(BehaviorContext<Grant, RevokeGrant> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (Repeats(grant, m))
        {
            return;
        }

        if (!TakesAway(grant, m.Actor))
        {
            session.Refuse(Refusals.NotTheirOwn);
            return;
        }

        await StartRevocationAsync(session, grant, EndReason.Revoked, session.Keep(grant.Id, m.Comment), m.Key, context.CancellationToken);
    }

    /// <summary>A person takes access from anybody, an identity only its own.</summary>
    private static bool TakesAway(Grant grant, ActorRef actor) => actor is { Kind: "human" } || actor.Id == grant.Principal;
}
