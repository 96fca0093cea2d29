using Governance.Contracts.Intake;
using Governance.EventStore.Relay;
using Governance.Intake.Requests;
using Governance.Intake.Tickets;
using JasperFx.Events;
using Marten;

namespace Governance.Intake.Relay;

/// <summary>What Intake's events mean to Lifecycle.</summary>
internal sealed class IntakeTranslator : IEventTranslator
{
    public async ValueTask<IReadOnlyList<OutgoingMessage>> TranslateAsync(
        IEvent committed,
        IQuerySession session,
        CancellationToken cancellationToken
    ) =>
        committed.Data switch
        {
            RequestReceived received =>
            [
                OutgoingMessage.Of(
                    Requested(committed.StreamId, received, await TextAsync(committed.StreamId, session, cancellationToken))
                ),
            ],
            TicketChangeReceived changed => [OutgoingMessage.Of(Changed(changed))],
            RequestRefused refused => [OutgoingMessage.Of(Refused(committed.StreamId, refused))],
            var other => throw new InvalidOperationException($"No message is known for {other.GetType().Name}."),
        };

    // The text may have been erased since; then it is told to nobody any more.
    private static async Task<string> TextAsync(Guid id, IQuerySession session, CancellationToken cancellationToken) =>
        (await session.LoadAsync<RequestText>(id, cancellationToken))?.Text ?? "";

    private static AccessRequested Requested(Guid id, RequestReceived e, string justification) =>
        new()
        {
            GrantId = id,
            Source = e.Source,
            RequestId = e.RequestId,
            Principal = e.Principal,
            Entitlement = e.Entitlement,
            Duration = e.Duration,
            NotBefore = e.NotBefore,
            Justification = justification,
            Requester = e.Requester,
            RequesterAssurance = e.RequesterAssurance,
            Emergency = e.Emergency,
            EmergencyAssurance = e.EmergencyAssurance,
            Ticket = e.Ticket,
            Approvals = e.Approvals,
            Via = e.Via,
            OnBehalfOf = e.OnBehalfOf,
            DelegationAssurance = e.DelegationAssurance,
            RecipientKey = e.RecipientKey,
            Actor = e.Actor,
            ReceivedAt = e.ReceivedAt,
            Digest = e.Digest,
            Catalog = e.Catalog,
        };

    private static TicketChanged Changed(TicketChangeReceived e) =>
        new()
        {
            Source = e.Source,
            EventId = e.EventId,
            Ticket = e.Ticket,
            Closed = e.Closed,
            ChangedAt = e.ChangedAt,
            Via = e.Via,
            Actor = e.Actor,
            ReceivedAt = e.ReceivedAt,
        };

    private static AccessRefused Refused(Guid id, RequestRefused e) =>
        new()
        {
            RefusalId = id,
            Source = e.Source,
            RequestId = e.RequestId,
            Code = e.Code,
            Details = e.Details,
            BodyDigest = e.BodyDigest,
            Via = e.Via,
            Actor = e.Actor,
            RefusedAt = e.RefusedAt,
        };
}
