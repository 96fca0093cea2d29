using Governance.Contracts.Decisions;
using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.KillSwitch;
using Governance.Lifecycle.Refusals;
using Governance.Lifecycle.Retention;
using Governance.Lifecycle.Tickets;
using JasperFx.Events;

namespace Governance.Lifecycle.DecisionStream;

/// <summary>Which events SIEMs are told, and in what words. Other bodies (OCSF) take this one's place.</summary>
internal static class DecisionMessages
{
    /// <summary>The CloudEvent's type and data; null when the event is none for the stream.</summary>
    /// <param name="committed">The event.</param>
    /// <param name="grant">The grant of the event's stream: only what never changes may be used.</param>
    /// <param name="catalog">Names of people and principals.</param>
    public static (string Type, object Data)? Describe(IEvent committed, Grant? grant, LoadedCatalog? catalog)
    {
        string Name(string id) => catalog?.NameOf(id) ?? id;
        var subject = grant is null
            ? null
            : new
            {
                grant.Id,
                Principal = Name(grant.Principal),
                grant.Entitlement,
                Requester = Name(grant.Requester),
                grant.Source,
                grant.RequestId,
                Ticket = grant.Ticket is null ? null : new { grant.Ticket.System, grant.Ticket.Key },
                Emergency = grant.Emergency ? true : (bool?)null,
                OnBehalfOf = grant.OnBehalfOf?.Select(Name),
            };
        return committed.Data switch
        {
            RefusalRecorded e => (
                "governance.access.rejected.v1",
                new
                {
                    e.Code,
                    e.Details,
                    e.Source,
                    e.RequestId,
                    e.BodyDigest,
                    e.Via,
                    e.RefusedAt,
                }
            ),
            DecisionRecorded e => (
                "governance.decision.recorded.v1",
                new
                {
                    Grant = subject,
                    e.EvaluationId,
                    e.Decision.Purpose,
                    e.Decision.Outcome,
                    e.Decision.Reasons,
                    e.Decision.Nearest,
                    e.Decision.Policies,
                    Gates = Named(e.Decision.Gates, Name),
                    e.Decision.Duration,
                    e.Decision.Cuts,
                    Exemptions = e.Decision.Exemptions?.Select(x => x with { ApprovedBy = Name(x.ApprovedBy) }),
                    e.Decision.Obligations,
                    Notify = Recipients(e.Decision, grant, catalog),
                    e.Decision.Errors,
                    e.Decision.Bundle,
                    e.Decision.Facts,
                    e.Decision.Now,
                }
            ),
            // A denial without Policy's answer (an unknown name, contention) is a decision too.
            GrantDenied e when e.Reasons.Any(IsOwnReason) => (
                "governance.decision.recorded.v1",
                new
                {
                    Grant = subject,
                    Outcome = Outcome.Forbid,
                    e.Reasons,
                    e.Revocation,
                }
            ),
            ApprovalRequested e => (
                "governance.approval.requested.v1",
                new
                {
                    Grant = subject,
                    Gates = Named(e.Gates, Name),
                    Approvers = Approvers(e.Gates, grant, catalog),
                    e.Until,
                }
            ),
            RenewalApprovalRequested e => (
                "governance.approval.requested.v1",
                new
                {
                    Grant = subject,
                    Purpose = DecisionPurpose.Renew,
                    Gates = Named(e.Gates, Name),
                    Approvers = Approvers(e.Gates, grant, catalog),
                    e.Until,
                }
            ),
            RenewalRejected e => (
                "governance.approval.recorded.v1",
                new
                {
                    Grant = subject,
                    Purpose = DecisionPurpose.Renew,
                    Approver = Name(e.Approver),
                    Decision = "rejected",
                    e.Assurance,
                    e.Via,
                    e.At,
                }
            ),
            // A refusal without Policy's answer is a decision too.
            RenewalRefused e when e.Reasons.Any(IsOwnReason) => (
                "governance.decision.recorded.v1",
                new
                {
                    Grant = subject,
                    Purpose = DecisionPurpose.Renew,
                    Outcome = Outcome.Forbid,
                    e.Reasons,
                }
            ),
            GrantRenewed e => (
                "governance.grant.renewed.v1",
                new
                {
                    Grant = subject,
                    e.ExpiresAt,
                    e.HoldingRevision,
                }
            ),
            GrantSuspended e => (
                "governance.grant.suspended.v1",
                new
                {
                    Grant = subject,
                    SuspendedAt = e.ObservedAt,
                    e.StillHeldBy,
                    e.EffectivePaths,
                    StillEffective = GrantRemainder.Of(e.StillHeldBy, e.EffectivePaths, e.Effective) is not null,
                    e.ToldAt,
                }
            ),
            SuspensionAttemptFailed e => (
                "governance.grant.revoke-failed.v1",
                new
                {
                    Grant = subject,
                    Suspending = true,
                    e.Attempt,
                    e.Code,
                    e.Message,
                    e.NextAttemptAt,
                }
            ),
            ResumptionRefused e when e.Reasons.Any(IsOwnReason) => (
                "governance.decision.recorded.v1",
                new
                {
                    Grant = subject,
                    Resumption = true,
                    Outcome = Outcome.Forbid,
                    e.Reasons,
                }
            ),
            GrantResumed e => (
                "governance.grant.resumed.v1",
                new
                {
                    Grant = subject,
                    e.ResumedAt,
                    e.ExpiresAt,
                    e.HoldingRevision,
                }
            ),
            ApprovalRecorded e => (
                "governance.approval.recorded.v1",
                new
                {
                    Grant = subject,
                    Approver = Name(e.Approver),
                    Decision = "approved",
                    e.Duration,
                    e.Revision,
                    Ballot = e.Ballot?.Digest,
                    e.Bundle,
                    e.Assurance,
                    e.Via,
                    e.At,
                }
            ),
            GrantRejected e => (
                "governance.approval.recorded.v1",
                new
                {
                    Grant = subject,
                    Approver = Name(e.Approver),
                    Decision = "rejected",
                    e.Assurance,
                    e.Via,
                    e.At,
                }
            ),
            GrantScheduled e => ("governance.grant.scheduled.v1", new { Grant = subject, e.StartsAt }),
            GrantActivated e => (
                "governance.grant.activated.v1",
                new
                {
                    Grant = subject,
                    e.ActivatedAt,
                    e.ToldAt,
                    e.ExpiresAt,
                    e.HoldingRevision,
                    e.PreExisting,
                }
            ),
            RevocationAttemptFailed e => (
                "governance.grant.revoke-failed.v1",
                new
                {
                    Grant = subject,
                    e.Attempt,
                    e.Code,
                    e.Message,
                    e.NextAttemptAt,
                }
            ),
            GrantEnded e => (
                EndedBy(e.Reason),
                new
                {
                    Grant = subject,
                    e.Reason,
                    EndedAt = e.ObservedAt,
                    // They are set before the grant ends, and never change.
                    grant?.Revocation,
                    NotRetained = e.Reason == EndReason.NotRetained && grant?.Retention is { } r
                        ? new
                        {
                            r.Policies,
                            r.Reasons,
                            r.Because,
                            r.Nearest,
                            r.Bundle,
                        }
                        : null,
                    e.StillHeldBy,
                    e.EffectivePaths,
                    StillEffective = GrantRemainder.Of(e.StillHeldBy, e.EffectivePaths, e.Effective) is not null,
                    e.ToldAt,
                }
            ),
            GrantLapsed => ("governance.grant.lapsed.v1", new { Grant = subject }),
            GrantWithdrawn e => ("governance.grant.withdrawn.v1", new { Grant = subject, By = Name(e.Actor.Id) }),
            RetentionFailed e => (
                "governance.decision.recorded.v1",
                new
                {
                    Grant = subject,
                    Purpose = DecisionPurpose.Retain,
                    Outcome = Outcome.Forbid,
                    Reasons = new[] { e.Reason },
                }
            ),
            ReviewRecorded e => (
                "governance.review.decided.v1",
                new
                {
                    Grant = subject,
                    Reviewer = Name(e.Reviewer),
                    Outcome = e.Kept ? "keep" : "revoke",
                    e.Authority,
                    e.Via,
                    e.At,
                }
            ),
            ReviewMissed e => (
                "governance.finding.raised.v1",
                new
                {
                    Grant = subject,
                    Finding = "review-missed",
                    e.Due,
                }
            ),
            TicketStateUnknown e => (
                "governance.finding.raised.v1",
                new
                {
                    Grant = subject,
                    Finding = "ticket-state-unknown",
                    Ticket = new
                    {
                        e.System,
                        e.Key,
                        e.State,
                    },
                    e.Source,
                }
            ),
            SweepJudged { Held: true } e => (
                "governance.finding.raised.v1",
                new
                {
                    Finding = "mass-revocation-held",
                    Sweep = committed.StreamId,
                    e.Total,
                    e.Forbidden,
                }
            ),
            SweepConfirmed e => (
                "governance.finding.resolved.v1",
                new
                {
                    Finding = "mass-revocation-held",
                    Sweep = committed.StreamId,
                    By = Name(e.Actor.Id),
                }
            ),
            RevocationOrdered e => (
                "governance.finding.raised.v1",
                new
                {
                    Finding = "kill-switch",
                    Revocation = committed.StreamId,
                    Selector = e.Selector.Named(Name),
                    e.Matched,
                    e.Live,
                    By = Name(e.Actor.Id),
                    e.At,
                }
            ),
            RevocationFinished e => (
                "governance.finding.resolved.v1",
                new
                {
                    Finding = "kill-switch",
                    Revocation = committed.StreamId,
                    e.Gone,
                    e.Prevented,
                    e.At,
                }
            ),
            _ => null,
        };
    }

    // The end of something by its own time, its requester or its target is told apart; all else is a revocation, whose reason says more.
    private static string EndedBy(string reason) =>
        reason is EndReason.Expired or EndReason.Withdrawn or EndReason.ActivationFailed
            ? $"governance.grant.{reason}.v1"
            : "governance.grant.revoked.v1";

    /// <summary>Who is to be told, by name: whoever delivers messages to people needs no catalog.</summary>
    private static IReadOnlyList<Recipient>? Recipients(Decision decision, Grant? grant, LoadedCatalog? catalog) =>
        decision.Obligations.Notify.Count == 0
            ? null
            : [.. decision.Obligations.Notify.Select(whom => new Recipient(whom, People(whom, grant, catalog)))];

    /// <summary>Who may open the gates, by name.</summary>
    public static IReadOnlyList<Recipient> Approvers(IReadOnlyList<Gate> gates, Grant? grant, LoadedCatalog? catalog) =>
        [
            .. gates
                .SelectMany(gate => gate.Slots)
                .Where(slot => slot.Approval is null)
                .Select(slot => slot.From)
                .Distinct(StringComparer.Ordinal)
                .Select(whom => new Recipient(whom, People(whom, grant, catalog))),
        ];

    private static IReadOnlyList<string> People(string whom, Grant? grant, LoadedCatalog? catalog) =>
        catalog is null ? [] : [.. Votes.WhoFill(catalog, whom, grant?.Entitlement).Select(p => p.Name)];

    internal sealed record Recipient(string To, IReadOnlyList<string> People);

    /// <summary>The gates with the names of the people who fill them.</summary>
    public static IReadOnlyList<Gate> Named(IReadOnlyList<Gate> gates, Func<string, string> name) =>
        [
            .. gates.Select(g =>
                g with
                {
                    Slots = [.. g.Slots.Select(s => s.Approver is null ? s : s with { Approver = name(s.Approver) })],
                }
            ),
        ];

    private static bool IsOwnReason(string reason) =>
        reason
            is "contention"
                or "policy-fault"
                or "binding-changed"
                or "no-account"
                or "no-recipient-key"
                or "already-over"
                or "nothing-gained"
                or "approval-required"
                or EndReason.TicketClosed
                or EndReason.KillSwitch
        || reason.StartsWith("unknown-", StringComparison.Ordinal);
}
