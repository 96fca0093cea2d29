using Governance.Contracts.Lifecycle;
using Governance.EventStore.Relay;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Principals;
using Governance.Lifecycle.Targets;
using JasperFx.Events;
using Marten;

namespace Governance.Lifecycle.Evidence;

/// <summary>Which committed events are commands to other services. The one place where events become messages.</summary>
internal sealed class LifecycleTranslator : IEventTranslator
{
    public ValueTask<IReadOnlyList<OutgoingMessage>> TranslateAsync(
        IEvent committed,
        IQuerySession session,
        CancellationToken cancellationToken
    ) => ValueTask.FromResult(Translate(committed));

    internal static IReadOnlyList<OutgoingMessage> Translate(IEvent committed) =>
        committed.Data switch
        {
            EvaluationStarted e =>
            [
                OutgoingMessage.Of(
                    new EvaluateAccess
                    {
                        EvaluationId = e.EvaluationId,
                        GrantId = committed.StreamId,
                        Purpose = e.Purpose,
                        Now = e.Now,
                        Bundle = e.Bundle,
                        Facts = e.Facts,
                        FactsDigest = e.FactsDigest,
                    }
                ),
            ],
            HoldingDesired e =>
            [
                OutgoingMessage.Of(
                    new ReconcileHolding
                    {
                        Principal = e.Principal,
                        Entitlement = e.Entitlement,
                        Revision = e.Revision,
                        Leases = e.Leases,
                        Binding = e.Binding,
                        SentAt = e.At,
                    }
                ),
            ],
            HoldingReasked e =>
            [
                OutgoingMessage.Of(
                    new ReconcileHolding
                    {
                        Principal = e.Principal,
                        Entitlement = e.Entitlement,
                        Revision = e.Revision,
                        Leases = e.Leases,
                        Binding = e.Binding,
                        SentAt = e.At,
                    }
                ),
            ],
            RightLost e =>
            [
                .. e.Relying.Select(grant =>
                    OutgoingMessage.Of(new ReconsiderGrant { GrantId = grant, Cause = EvaluationCause.Delegation })
                ),
            ],
            DeadlineSet e =>
            [
                OutgoingMessage.Of(
                    new SetDeadline
                    {
                        GrantId = committed.StreamId,
                        Kind = e.Kind,
                        Due = e.Due,
                        Revision = e.Revision,
                    }
                ),
            ],
            DeadlineCancelled e =>
            [
                OutgoingMessage.Of(
                    new CancelDeadline
                    {
                        GrantId = committed.StreamId,
                        Kind = e.Kind,
                        Revision = e.Revision,
                    }
                ),
            ],
            TargetAccepted e =>
            [
                OutgoingMessage.Of(
                    new AcceptTarget
                    {
                        Acceptance = committed.Id,
                        Target = e.Target,
                        Identity = e.Identity,
                        By = e.Actor.Id,
                    }
                ),
            ],
            RetryOrdered e =>
            [
                OutgoingMessage.Of(
                    new RetryHoldings
                    {
                        // A holding may be on its way from another target.
                        Target = e.Grant is null ? e.Target : null,
                        Principal = e.Principal,
                        Entitlement = e.Entitlement,
                    }
                ),
            ],
            _ => [],
        };
}
