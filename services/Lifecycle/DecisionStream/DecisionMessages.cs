using Governance.Contracts.Decisions;
using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Refusals;
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
                    e.Decision.Outcome,
                    e.Decision.Reasons,
                    e.Decision.Policies,
                    Gates = Named(e.Decision.Gates, Name),
                    e.Decision.Duration,
                    e.Decision.Cuts,
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
                }
            ),
            ApprovalRequested e => (
                "governance.approval.requested.v1",
                new
                {
                    Grant = subject,
                    Gates = Named(e.Gates, Name),
                    e.Until,
                }
            ),
            ApprovalRecorded e => (
                "governance.approval.recorded.v1",
                new
                {
                    Grant = subject,
                    Approver = Name(e.Approver),
                    Decision = "approved",
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
                $"governance.grant.{e.Reason}.v1",
                new
                {
                    Grant = subject,
                    e.Reason,
                    EndedAt = e.ObservedAt,
                    e.StillHeldBy,
                    e.EffectivePaths,
                }
            ),
            GrantLapsed => ("governance.grant.lapsed.v1", new { Grant = subject }),
            GrantWithdrawn e => ("governance.grant.withdrawn.v1", new { Grant = subject, By = Name(e.Actor.Id) }),
            _ => null,
        };
    }

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
        reason is "contention" or "policy-fault" or "binding-changed" or "no-account"
        || reason.StartsWith("unknown-", StringComparison.Ordinal);
}
