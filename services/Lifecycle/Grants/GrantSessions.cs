using Governance.Contracts;
using Governance.Contracts.Intake;
using Governance.Contracts.Policy;
using Governance.EventStore.Sagas;
using Governance.ServiceDefaults;
using Marten;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Grants;

/// <summary>Opens sessions: for a message of the bus by its kind, for people and the ledger as told.</summary>
public sealed class GrantSessions(IDocumentStore store, TimeProvider clock, IOptions<GovernanceOptions> governance)
    : ISagaSessionFactory<Grant>
{
    private static readonly ActorRef Self = ActorRef.System("lifecycle");

    public GrantSession Open(SessionOrigin origin) => new(store, clock, origin);

    /// <summary>For somebody's command.</summary>
    public GrantSession OpenFor(ActorRef actor, string? correlation) =>
        Open(new SessionOrigin(actor, governance.Value.Tenant, correlation, null));

    /// <summary>For a message of the bus that no person sent.</summary>
    public GrantSession OpenFor(ConsumeContext context, string? correlation) =>
        Open(new SessionOrigin(Self, governance.Value.Tenant, correlation, context.MessageId?.ToString()));

    public ISagaSession<Grant> Open<TMessage>(ConsumeContext<TMessage> context)
        where TMessage : class
    {
        var request = context.Message as AccessRequested;
        return Open(
            new SessionOrigin(
                request?.Actor ?? Self,
                governance.Value.Tenant,
                context.CorrelationId?.ToString(),
                context.MessageId?.ToString()
            )
            {
                NewPrincipal = request?.Principal,
                TakesActorLock = context.Message is AccessEvaluated,
            }
        );
    }
}
