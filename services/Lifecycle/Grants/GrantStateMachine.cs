using Governance.Contracts.Expiry;
using Governance.Contracts.Intake;
using Governance.Contracts.Lifecycle;
using Governance.Contracts.Policy;
using Governance.Lifecycle.KillSwitch;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Grants;

/// <summary>What happens to a grant. How it happens is in <see cref="GrantTransitions"/>; what each event changes is in <see cref="Grant"/>.</summary>
public sealed class GrantStateMachine : MassTransitStateMachine<Grant>
{
    public GrantStateMachine(GrantTransitions verbs)
    {
        InstanceState(x => x.CurrentState);

        Event(() => Requested, e => e.CorrelateById(m => m.Message.GrantId));
        Event(() => Evaluated, e => ByGrant(e, m => m.GrantId));
        Event(() => DeadlineCame, e => ByGrant(e, m => m.GrantId));
        Event(() => Redriven, e => ByGrant(e, m => m.GrantId));
        Event(() => EvaluationFault, e => ByGrant(e, m => m.Message.GrantId));
        Event(() => DeadlineFault, e => ByGrant(e, m => m.Message.GrantId));
        Event(() => Settled, e => ByGrant(e, m => m.GrantId));
        Event(() => Faltered, e => ByGrant(e, m => m.GrantId));
        Event(() => Approve, e => ByGrant(e, m => m.GrantId));
        Event(() => Reject, e => ByGrant(e, m => m.GrantId));
        Event(() => Withdraw, e => ByGrant(e, m => m.GrantId));
        Event(() => Revoke, e => ByGrant(e, m => m.GrantId));
        Event(() => Edit, e => ByGrant(e, m => m.GrantId));
        Event(() => Review, e => ByGrant(e, m => m.GrantId));
        Event(() => Renew, e => ByGrant(e, m => m.GrantId));
        Event(() => Suspend, e => ByGrant(e, m => m.GrantId));
        Event(() => Resume, e => ByGrant(e, m => m.GrantId));
        Event(() => Rotate, e => ByGrant(e, m => m.GrantId));
        Event(() => HandOut, e => ByGrant(e, m => m.GrantId));
        Event(() => Reconsidered, e => ByGrant(e, m => m.GrantId));
        Event(() => Forbidden, e => ByGrant(e, m => m.GrantId));
        Event(() => TicketTurned, e => ByGrant(e, m => m.GrantId));
        Event(() => OrderedAway, e => ByGrant(e, m => m.GrantId));

        Initially(When(Requested).ThenAsync(verbs.TakeRequestAsync).Arrive(Evaluating, Denied, Rejected));

        // Policy is asked.
        During(
            Evaluating,
            Ignore(Requested),
            When(Evaluated).ThenAsync(verbs.RecordAnswerAsync).Arrive(AwaitingApproval, Scheduled, Activating, Denied),
            When(EvaluationFault).Then(verbs.RecordEvaluationFault),
            When(Approve).ThenAsync(verbs.RecordApprovalAsync),
            When(Reject).ThenAsync(verbs.RecordRejectionAsync).Arrive(Rejected),
            When(Withdraw).ThenAsync(verbs.WithdrawAsync).Arrive(Withdrawn),
            When(Redriven).ThenAsync(verbs.EvaluateAgainAsync).Arrive(Denied),
            When(Edit).ThenAsync(verbs.EditAsync).Arrive(Denied),
            When(TicketTurned).ThenAsync(verbs.UpdateTicketAsync),
            When(OrderedAway).ThenAsync(verbs.EndByOrderAsync).Arrive(Denied),
            Refuse(Revoke, verbs),
            Refuse(Review, verbs),
            Refuse(Renew, verbs),
            Refuse(Suspend, verbs),
            Refuse(Resume, verbs),
            Refuse(Rotate, verbs),
            Refuse(HandOut, verbs),
            Ignore(Reconsidered),
            Ignore(Forbidden),
            Acknowledge(DeadlineCame, verbs),
            Ignore(DeadlineFault),
            Ignore(Settled),
            Ignore(Faltered)
        );

        // People are asked.
        During(
            AwaitingApproval,
            Ignore(Requested),
            When(Evaluated).ThenAsync(verbs.RecordAnswerAsync).Arrive(Scheduled, Activating, Denied, Lapsed),
            When(EvaluationFault).Then(verbs.RecordEvaluationFault),
            When(Approve).ThenAsync(verbs.RecordApprovalAsync).Arrive(Denied),
            When(Reject).ThenAsync(verbs.RecordRejectionAsync).Arrive(Rejected),
            When(Withdraw).ThenAsync(verbs.WithdrawAsync).Arrive(Withdrawn),
            When(DeadlineCame).ThenAsync(verbs.ReachDeadlineAsync).Arrive(Lapsed),
            When(DeadlineFault).ThenAsync(verbs.SetDeadlineAgainAsync),
            When(Redriven).ThenAsync(verbs.EvaluateAgainAsync).Arrive(Denied, Lapsed),
            When(Edit).ThenAsync(verbs.EditAsync).Arrive(Denied),
            When(TicketTurned).ThenAsync(verbs.UpdateTicketAsync).Arrive(Denied),
            When(OrderedAway).ThenAsync(verbs.EndByOrderAsync).Arrive(Denied),
            Refuse(Revoke, verbs),
            Refuse(Review, verbs),
            Refuse(Renew, verbs),
            Refuse(Suspend, verbs),
            Refuse(Resume, verbs),
            Refuse(Rotate, verbs),
            Refuse(HandOut, verbs),
            Ignore(Reconsidered),
            Ignore(Forbidden),
            Ignore(Settled),
            Ignore(Faltered)
        );

        // Permitted, to start later.
        During(
            Scheduled,
            Ignore(Requested),
            When(Evaluated).ThenAsync(verbs.RecordAnswerAsync).Arrive(AwaitingApproval, Activating, Denied),
            When(EvaluationFault).Then(verbs.RecordEvaluationFault),
            When(Reject).ThenAsync(verbs.RecordRejectionAsync).Arrive(Rejected),
            When(Withdraw).ThenAsync(verbs.WithdrawAsync).Arrive(Withdrawn),
            When(DeadlineCame).ThenAsync(verbs.ReachDeadlineAsync).Arrive(Denied),
            When(DeadlineFault).ThenAsync(verbs.SetDeadlineAgainAsync),
            When(Redriven).ThenAsync(verbs.EvaluateAgainAsync).Arrive(Denied),
            Refuse(Approve, verbs),
            When(TicketTurned).ThenAsync(verbs.UpdateTicketAsync).Arrive(Denied),
            When(OrderedAway).ThenAsync(verbs.EndByOrderAsync).Arrive(Denied),
            Refuse(Revoke, verbs),
            Refuse(Edit, verbs),
            Refuse(Review, verbs),
            Refuse(Renew, verbs),
            Refuse(Suspend, verbs),
            Refuse(Resume, verbs),
            Refuse(Rotate, verbs),
            Refuse(HandOut, verbs),
            Ignore(Reconsidered),
            Ignore(Forbidden),
            Ignore(Settled),
            Ignore(Faltered)
        );

        // The target is to give access.
        During(
            Activating,
            Ignore(Requested),
            When(Evaluated).ThenAsync(verbs.RecordAnswerWhileHeldAsync).Arrive(Revoking),
            When(EvaluationFault).Then(verbs.RecordEvaluationFault),
            When(Reconsidered).ThenAsync(verbs.ReconsiderAsync).Arrive(Revoking),
            When(Forbidden).ThenAsync(verbs.EndForbiddenAsync).Arrive(Revoking),
            When(TicketTurned).ThenAsync(verbs.UpdateTicketAsync).Arrive(Revoking),
            When(OrderedAway).ThenAsync(verbs.EndByOrderAsync).Arrive(Revoking),
            When(Review).ThenAsync(verbs.RecordReviewAsync).Arrive(Revoking),
            When(Settled).ThenAsync(verbs.ActivateAsync).Arrive(Active),
            When(Faltered).Then(verbs.RecordActivationFailure),
            When(Withdraw).ThenAsync(verbs.WithdrawAsync).Arrive(Revoking),
            When(Revoke).ThenAsync(verbs.RevokeAsync).Arrive(Revoking),
            When(DeadlineCame).ThenAsync(verbs.ReachDeadlineAsync).Arrive(Revoking),
            When(DeadlineFault).ThenAsync(verbs.SetDeadlineAgainAsync),
            When(Redriven).ThenAsync(verbs.ReconcileAgainAsync).Arrive(Revoking),
            Refuse(Renew, verbs),
            Refuse(Suspend, verbs),
            Refuse(Resume, verbs),
            Refuse(Rotate, verbs),
            Refuse(HandOut, verbs),
            Refuse(Approve, verbs),
            Refuse(Edit, verbs),
            Refuse(Reject, verbs)
        );

        // The access is there.
        During(
            Active,
            Ignore(Requested),
            When(Evaluated).ThenAsync(verbs.RecordAnswerWhileHeldAsync).Arrive(Revoking),
            When(EvaluationFault).Then(verbs.RecordEvaluationFault),
            When(Reconsidered).ThenAsync(verbs.ReconsiderAsync).Arrive(Revoking),
            When(Forbidden).ThenAsync(verbs.EndForbiddenAsync).Arrive(Revoking),
            When(TicketTurned).ThenAsync(verbs.UpdateTicketAsync).Arrive(Revoking),
            When(OrderedAway).ThenAsync(verbs.EndByOrderAsync).Arrive(Revoking),
            When(Review).ThenAsync(verbs.RecordReviewAsync).Arrive(Revoking),
            Ignore(Settled),
            Ignore(Faltered),
            When(Withdraw).ThenAsync(verbs.WithdrawAsync).Arrive(Revoking),
            When(Revoke).ThenAsync(verbs.RevokeAsync).Arrive(Revoking),
            When(DeadlineCame).ThenAsync(verbs.ReachDeadlineAsync).Arrive(Revoking),
            When(DeadlineFault).ThenAsync(verbs.SetDeadlineAgainAsync),
            When(Redriven).ThenAsync(verbs.ExpireWhenOverdueAsync).Arrive(Revoking),
            When(Renew).ThenAsync(verbs.RequestRenewalAsync),
            When(Approve).ThenAsync(verbs.RecordRenewalApprovalAsync),
            When(Reject).ThenAsync(verbs.RecordRenewalRejectionAsync),
            When(Suspend).ThenAsync(verbs.SuspendAsync).Arrive(Suspending),
            When(Rotate).ThenAsync(verbs.RotateCredentialAsync),
            When(HandOut).ThenAsync(verbs.HandOutCredentialAsync),
            Refuse(Resume, verbs),
            Refuse(Edit, verbs)
        );

        // The target is to take access away for a while.
        During(
            Suspending,
            Ignore(Requested),
            When(Evaluated).ThenAsync(verbs.RecordReviewAnswerAsync),
            When(EvaluationFault).Then(verbs.RecordEvaluationFault),
            Ignore(Reconsidered),
            Ignore(Forbidden),
            When(OrderedAway).ThenAsync(verbs.EndByOrderAsync).Arrive(Revoking),
            When(TicketTurned).ThenAsync(verbs.UpdateTicketAsync).Arrive(Revoking),
            When(Review).ThenAsync(verbs.RecordReviewAsync).Arrive(Revoking),
            When(Settled).ThenAsync(verbs.SettleSuspensionAsync).Arrive(Suspended),
            When(Faltered).Then(verbs.RecordSuspensionFailure),
            When(Withdraw).ThenAsync(verbs.WithdrawAsync).Arrive(Revoking),
            When(Revoke).ThenAsync(verbs.RevokeAsync).Arrive(Revoking),
            When(DeadlineCame).ThenAsync(verbs.ReachDeadlineAsync).Arrive(Revoking),
            When(DeadlineFault).ThenAsync(verbs.SetDeadlineAgainAsync),
            When(Redriven).ThenAsync(verbs.ReconcileAgainAsync).Arrive(Revoking),
            Refuse(Renew, verbs),
            Refuse(Suspend, verbs),
            Refuse(Resume, verbs),
            Refuse(Rotate, verbs),
            Refuse(HandOut, verbs),
            Refuse(Approve, verbs),
            Refuse(Edit, verbs),
            Refuse(Reject, verbs)
        );

        // It was read back without the access. Time runs on.
        During(
            Suspended,
            Ignore(Requested),
            When(Evaluated).ThenAsync(verbs.RecordAnswerWhileSuspendedAsync).Arrive(Activating),
            When(EvaluationFault).Then(verbs.RecordEvaluationFault),
            Ignore(Reconsidered),
            Ignore(Forbidden),
            When(OrderedAway).ThenAsync(verbs.EndByOrderAsync).Arrive(Revoking),
            When(TicketTurned).ThenAsync(verbs.UpdateTicketAsync).Arrive(Revoking),
            When(Review).ThenAsync(verbs.RecordReviewAsync).Arrive(Revoking),
            When(Resume).ThenAsync(verbs.RequestResumptionAsync),
            Ignore(Settled),
            Ignore(Faltered),
            When(Withdraw).ThenAsync(verbs.WithdrawAsync).Arrive(Revoking),
            When(Revoke).ThenAsync(verbs.RevokeAsync).Arrive(Revoking),
            When(DeadlineCame).ThenAsync(verbs.ReachDeadlineAsync).Arrive(Revoking),
            When(DeadlineFault).ThenAsync(verbs.SetDeadlineAgainAsync),
            When(Redriven).ThenAsync(verbs.ExpireWhenOverdueAsync).Arrive(Revoking),
            Refuse(Renew, verbs),
            Refuse(Suspend, verbs),
            Refuse(Rotate, verbs),
            Refuse(HandOut, verbs),
            Refuse(Approve, verbs),
            Refuse(Edit, verbs),
            Refuse(Reject, verbs)
        );

        // The target is to take access away.
        During(
            Revoking,
            Ignore(Requested),
            When(Evaluated).ThenAsync(verbs.RecordReviewAnswerAsync),
            Ignore(EvaluationFault),
            When(DeadlineFault).ThenAsync(verbs.SetDeadlineAgainAsync),
            When(Review).ThenAsync(verbs.RecordReviewAsync),
            Ignore(Reconsidered),
            Ignore(Forbidden),
            Ignore(TicketTurned),
            Ignore(OrderedAway),
            When(Settled).ThenAsync(verbs.EndAsync).Arrive(Ended),
            When(Faltered).Then(verbs.RecordRevocationFailure).Arrive(RevokeFailed),
            When(Redriven).ThenAsync(verbs.ReconcileAgainAsync),
            When(DeadlineCame).ThenAsync(verbs.ReachReviewAsync),
            Refuse(Renew, verbs),
            Refuse(Suspend, verbs),
            Refuse(Resume, verbs),
            Refuse(Rotate, verbs),
            Refuse(HandOut, verbs),
            Refuse(Approve, verbs),
            Refuse(Edit, verbs),
            Refuse(Reject, verbs),
            Refuse(Withdraw, verbs),
            Refuse(Revoke, verbs)
        );

        // It failed to, which is loud, and is tried for ever.
        During(
            RevokeFailed,
            Ignore(Requested),
            When(Evaluated).ThenAsync(verbs.RecordReviewAnswerAsync),
            Ignore(EvaluationFault),
            When(DeadlineFault).ThenAsync(verbs.SetDeadlineAgainAsync),
            When(Review).ThenAsync(verbs.RecordReviewAsync),
            Ignore(Reconsidered),
            Ignore(Forbidden),
            Ignore(TicketTurned),
            Ignore(OrderedAway),
            When(Settled).ThenAsync(verbs.EndAsync).Arrive(Ended),
            When(Faltered).Then(verbs.RecordRevocationFailure),
            When(Redriven).ThenAsync(verbs.ReconcileAgainAsync),
            When(DeadlineCame).ThenAsync(verbs.ReachReviewAsync),
            Refuse(Renew, verbs),
            Refuse(Suspend, verbs),
            Refuse(Resume, verbs),
            Refuse(Rotate, verbs),
            Refuse(HandOut, verbs),
            Refuse(Approve, verbs),
            Refuse(Edit, verbs),
            Refuse(Reject, verbs),
            Refuse(Withdraw, verbs),
            Refuse(Revoke, verbs)
        );

        // Over. The history stays, so the instance is never removed. What was used may still have to be reviewed.
        foreach (var over in new[] { Ended, Denied, Rejected, Lapsed, Withdrawn })
        {
            During(
                over,
                Ignore(Requested),
                Ignore(EvaluationFault),
                Ignore(Settled),
                Ignore(Faltered),
                Ignore(Reconsidered),
                Ignore(Forbidden),
                Ignore(TicketTurned),
                Ignore(OrderedAway),
                Refuse(Approve, verbs),
                Refuse(Reject, verbs),
                Refuse(Withdraw, verbs),
                Refuse(Revoke, verbs),
                Refuse(Edit, verbs),
                Refuse(Renew, verbs),
                Refuse(Suspend, verbs),
                Refuse(Resume, verbs),
                Refuse(Rotate, verbs),
                Refuse(HandOut, verbs)
            );
        }

        During(
            Ended,
            When(DeadlineCame).ThenAsync(verbs.ReachReviewAsync),
            When(DeadlineFault).ThenAsync(verbs.SetDeadlineAgainAsync),
            When(Redriven).ThenAsync(verbs.RedriveReviewAsync),
            When(Evaluated).ThenAsync(verbs.RecordReviewAnswerAsync),
            When(Review).ThenAsync(verbs.RecordReviewAsync)
        );
        foreach (var over in new[] { Denied, Rejected, Lapsed, Withdrawn })
        {
            During(
                over,
                Ignore(Evaluated),
                Ignore(Redriven),
                Ignore(DeadlineFault),
                Acknowledge(DeadlineCame, verbs),
                Refuse(Review, verbs)
            );
        }
    }

    public State Evaluating { get; private set; } = null!;
    public State AwaitingApproval { get; private set; } = null!;
    public State Scheduled { get; private set; } = null!;
    public State Activating { get; private set; } = null!;
    public State Active { get; private set; } = null!;
    public State Suspending { get; private set; } = null!;
    public State Suspended { get; private set; } = null!;
    public State Revoking { get; private set; } = null!;
    public State RevokeFailed { get; private set; } = null!;
    public State Ended { get; private set; } = null!;
    public State Denied { get; private set; } = null!;
    public State Rejected { get; private set; } = null!;
    public State Lapsed { get; private set; } = null!;
    public State Withdrawn { get; private set; } = null!;

    public Event<AccessRequested> Requested { get; private set; } = null!;
    public Event<AccessEvaluated> Evaluated { get; private set; } = null!;
    public Event<Fault<EvaluateAccess>> EvaluationFault { get; private set; } = null!;
    public Event<DeadlineReached> DeadlineCame { get; private set; } = null!;
    public Event<Fault<SetDeadline>> DeadlineFault { get; private set; } = null!;
    public Event<HoldingSettled> Settled { get; private set; } = null!;
    public Event<HoldingFaltered> Faltered { get; private set; } = null!;
    public Event<RedriveGrant> Redriven { get; private set; } = null!;
    public Event<ApproveGrant> Approve { get; private set; } = null!;
    public Event<RejectGrant> Reject { get; private set; } = null!;
    public Event<WithdrawGrant> Withdraw { get; private set; } = null!;
    public Event<RevokeGrant> Revoke { get; private set; } = null!;
    public Event<EditGrant> Edit { get; private set; } = null!;
    public Event<ReviewGrant> Review { get; private set; } = null!;
    public Event<RenewGrant> Renew { get; private set; } = null!;
    public Event<SuspendGrant> Suspend { get; private set; } = null!;
    public Event<ResumeGrant> Resume { get; private set; } = null!;
    public Event<RotateCredential> Rotate { get; private set; } = null!;
    public Event<HandOutCredential> HandOut { get; private set; } = null!;
    public Event<ReconsiderGrant> Reconsidered { get; private set; } = null!;
    public Event<EndForbiddenGrant> Forbidden { get; private set; } = null!;
    public Event<UpdateGrantTicket> TicketTurned { get; private set; } = null!;
    public Event<EndByOrder> OrderedAway { get; private set; } = null!;

    private static void ByGrant<T>(IEventCorrelationConfigurator<Grant, T> e, Func<T, Guid> grantId)
        where T : class
    {
        e.CorrelateById(m => grantId(m.Message));
        e.OnMissingInstance(m => m.Fault());
    }

    private EventActivities<Grant> Refuse<T>(Event<T> command, GrantTransitions verbs)
        where T : GrantCommand => When(command).Then(verbs.Refuse);

    private EventActivities<Grant> Acknowledge(Event<DeadlineReached> deadline, GrantTransitions verbs) =>
        When(deadline).Then(verbs.AcknowledgeStaleDeadline);
}

internal static class GrantStateMachineExtensions
{
    /// <summary>Goes to that of the given states which the recorded events led to; stays when they led to none of them.</summary>
    public static EventActivityBinder<Grant, T> Arrive<T>(this EventActivityBinder<Grant, T> binder, params State[] states)
        where T : class =>
        states.Aggregate(binder, (b, state) => b.If(x => x.Saga.CurrentState == state.Name, then => then.TransitionTo(state)));
}
