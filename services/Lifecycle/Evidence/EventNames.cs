using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Installation;
using Governance.Lifecycle.KillSwitch;
using Governance.Lifecycle.Principals;
using Governance.Lifecycle.Refusals;
using Governance.Lifecycle.Retention;
using Governance.Lifecycle.Targets;
using Governance.Lifecycle.Tickets;
using Marten.Events;

namespace Governance.Lifecycle.Evidence;

/// <summary>
/// The stored name of every event. Fixed for ever, whatever the types are called. A change of an event's form gets a new name here, and an
/// upcaster from the old one.
/// </summary>
public static class EventNames
{
    public static IReadOnlyDictionary<Type, string> All { get; } =
        new Dictionary<Type, string>
        {
            [typeof(GrantRequested)] = "grant-requested.v1",
            [typeof(EvaluationStarted)] = "evaluation-started.v1",
            [typeof(EvaluationQueued)] = "evaluation-queued.v1",
            [typeof(EvaluationImpossible)] = "evaluation-impossible.v1",
            [typeof(EvaluationFaulted)] = "evaluation-faulted.v1",
            [typeof(DecisionRecorded)] = "decision-recorded.v1",
            [typeof(GrantDenied)] = "grant-denied.v1",
            [typeof(ApprovalRequested)] = "approval-requested.v1",
            [typeof(ApprovalRecorded)] = "approval-recorded.v1",
            [typeof(GrantRejected)] = "grant-rejected.v1",
            [typeof(GrantScheduled)] = "grant-scheduled.v1",
            [typeof(ActivationStarted)] = "activation-started.v1",
            [typeof(ActivationAttemptFailed)] = "activation-attempt-failed.v1",
            [typeof(GrantActivated)] = "grant-activated.v1",
            [typeof(RevocationStarted)] = "revocation-started.v1",
            [typeof(RevocationAttemptFailed)] = "revocation-attempt-failed.v1",
            [typeof(GrantEnded)] = "grant-ended.v1",
            [typeof(GrantLapsed)] = "grant-lapsed.v1",
            [typeof(GrantWithdrawn)] = "grant-withdrawn.v1",
            [typeof(DeadlineSet)] = "deadline-set.v1",
            [typeof(DeadlineCancelled)] = "deadline-cancelled.v1",
            [typeof(LapseDeferred)] = "lapse-deferred.v1",
            [typeof(GrantRedriven)] = "grant-redriven.v1",
            [typeof(RequestEdited)] = "request-edited.v1",
            [typeof(TicketUpdated)] = "ticket-updated.v1",
            [typeof(RenewalRequested)] = "renewal-requested.v1",
            [typeof(RenewalApprovalRequested)] = "renewal-approval-requested.v1",
            [typeof(GrantRenewed)] = "grant-renewed.v1",
            [typeof(RenewalRefused)] = "renewal-refused.v1",
            [typeof(RenewalRejected)] = "renewal-rejected.v1",
            [typeof(SuspensionStarted)] = "suspension-started.v1",
            [typeof(SuspensionAttemptFailed)] = "suspension-attempt-failed.v1",
            [typeof(GrantSuspended)] = "grant-suspended.v1",
            [typeof(ResumptionRequested)] = "resumption-requested.v1",
            [typeof(ResumptionRefused)] = "resumption-refused.v1",
            [typeof(GrantResumed)] = "grant-resumed.v1",
            [typeof(CredentialRotated)] = "credential-rotated.v1",
            [typeof(CredentialHandedOut)] = "credential-handed-out.v1",
            [typeof(RetentionFailed)] = "retention-failed.v1",
            [typeof(ReviewOwed)] = "review-owed.v1",
            [typeof(ReviewSubmitted)] = "review-submitted.v1",
            [typeof(ReviewRefused)] = "review-refused.v1",
            [typeof(ReviewRecorded)] = "review-recorded.v1",
            [typeof(ReviewMissed)] = "review-missed.v1",
            [typeof(HoldingClaimed)] = "holding-claimed.v1",
            [typeof(HoldingDesired)] = "holding-desired.v1",
            [typeof(HoldingReasked)] = "holding-reasked.v1",
            [typeof(HoldingConfirmed)] = "holding-confirmed.v1",
            [typeof(HoldingReleased)] = "holding-released.v1",
            [typeof(RightRelied)] = "right-relied.v1",
            [typeof(RightLost)] = "right-lost.v1",
            [typeof(TicketReported)] = "ticket-reported.v1",
            [typeof(TicketReportIgnored)] = "ticket-report-ignored.v1",
            [typeof(TicketStateUnknown)] = "ticket-state-unknown.v1",
            [typeof(SweepStarted)] = "sweep-started.v1",
            [typeof(SweepJudged)] = "sweep-judged.v1",
            [typeof(SweepConfirmed)] = "sweep-confirmed.v1",
            [typeof(SweepFinished)] = "sweep-finished.v1",
            [typeof(SweepSuperseded)] = "sweep-superseded.v1",
            [typeof(RevocationOrdered)] = "revocation-ordered.v1",
            [typeof(RevocationAimed)] = "revocation-aimed.v1",
            [typeof(RevocationAccounted)] = "revocation-accounted.v1",
            [typeof(RevocationFinished)] = "revocation-finished.v1",
            [typeof(TargetAccepted)] = "target-accepted.v1",
            [typeof(RetryOrdered)] = "retry-ordered.v1",
            [typeof(BundlePutInForce)] = "bundle-put-in-force.v1",
            [typeof(CatalogPutInForce)] = "catalog-put-in-force.v1",
            [typeof(CatalogHeld)] = "catalog-held.v1",
            [typeof(CatalogHoldEnded)] = "catalog-hold-ended.v1",
            [typeof(CatalogAccepted)] = "catalog-accepted.v1",
            [typeof(RefusalRecorded)] = "refusal-recorded.v1",
        };

    public static void Register(IEventStoreOptions events)
    {
        foreach (var (type, name) in All)
        {
            events.MapEventType(type, name);
        }

        Upcasters.Register(events);
    }
}
