using Governance.EventStore.Relay;
using Governance.Intake.Names;
using Governance.Intake.Reading;
using Governance.Intake.Requests;
using Governance.Intake.Tickets;
using Marten;
using Npgsql;

namespace Governance.Intake.Door;

/// <summary>Whether an event with this source and id was received before.</summary>
internal enum Repeat
{
    None,

    /// <summary>The same event.</summary>
    Same,

    /// <summary>Another event with the same source and id.</summary>
    Other,
}

/// <summary>The committed record of what came to the door: one stream an event, one a refusal, each of one entry.</summary>
internal sealed class MessageRecord(IDocumentStore store, TimeProvider clock)
{
    public async Task<Repeat> FindAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        var events = await session.Events.FetchStreamAsync(message.StreamId, token: cancellationToken);
        if (events.Count == 0)
        {
            return Repeat.None;
        }

        var same = (events[0].Data, message) switch
        {
            (RequestReceived received, AccessRequest request) => RequestDigest.IsOf(
                received,
                request,
                await session.LoadAsync<RequestText>(request.StreamId, cancellationToken)
            ),
            (TicketChangeReceived received, TicketChange change) => received.Digest == TicketEvidence.DigestOf(change),
            _ => false,
        };
        return same ? Repeat.Same : Repeat.Other;
    }

    /// <summary>Commits the event; when another delivery was quicker, says how that one compares.</summary>
    public async Task<Repeat> ReceiveAsync(
        IncomingMessage message,
        ResolvedNames names,
        Delivery delivery,
        CancellationToken cancellationToken
    )
    {
        await using var session = store.LightweightSession();
        Stamp(session, message.StreamId, message.Id, delivery);
        switch (message)
        {
            case AccessRequest request:
                var text = RequestEvidence.TextOf(request);
                session.Events.StartStream(message.StreamId, RequestEvidence.EventOf(request, text, names, delivery, clock.Now()));
                session.Insert(text);
                break;
            case TicketChange change:
                session.Events.StartStream(message.StreamId, TicketEvidence.EventOf(change, names, delivery, clock.Now()));
                break;
            default:
                throw new InvalidOperationException($"No record is known for {message.GetType().Name}.");
        }

        CrashPoints.Reach("intake.request.before-commit");
        if (!await CommitAsync(session, cancellationToken))
        {
            return await FindAsync(message, cancellationToken);
        }

        CrashPoints.Reach("intake.request.after-commit");
        return Repeat.None;
    }

    /// <summary>Commits a refusal; the same message refused again is the same refusal.</summary>
    public async Task<Reception.Refused> RefuseAsync(
        Refusal refusal,
        string? source,
        string? id,
        Delivery delivery,
        CancellationToken cancellationToken
    )
    {
        var refusalId = NameBasedUuid.Create(NameBasedUuid.GovernanceNamespace, $"refusal\n{delivery.BodyDigest}\n{source}\n{id}");
        await using var session = store.LightweightSession();
        Stamp(session, refusalId, id, delivery);
        session.Events.StartStream(
            refusalId,
            new RequestRefused
            {
                Source = source,
                RequestId = id,
                Code = refusal.Code,
                Details = refusal.Details,
                BodyDigest = delivery.BodyDigest,
                Via = delivery.Via,
                Actor = delivery.Actor,
                RefusedAt = clock.Now(),
            }
        );
        CrashPoints.Reach("intake.refusal.before-commit");
        if (await CommitAsync(session, cancellationToken))
        {
            CrashPoints.Reach("intake.refusal.after-commit");
        }

        return new Reception.Refused(refusalId, refusal);
    }

    /// <returns>False when the stream was there already.</returns>
    private static async Task<bool> CommitAsync(IDocumentSession session, CancellationToken cancellationToken)
    {
        try
        {
            await session.SaveChangesAsync(cancellationToken);
        }
        catch (Exception e) when (IsTaken(e))
        {
            return false;
        }

        return true;
    }

    private static void Stamp(IDocumentSession session, Guid streamId, string? cause, Delivery delivery)
    {
        session.CorrelationId = streamId.ToString();
        session.CausationId = cause;
        session.LastModifiedBy = delivery.Actor.Id;
        EventTraces.Stamp(session);
    }

    private static bool IsTaken(Exception e) =>
        e
            is JasperFx.Events.ExistingStreamIdCollisionException
                or Marten.Exceptions.ExistingStreamIdCollisionException
                or JasperFx.DocumentAlreadyExistsException
        || e is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation }
        || (e.InnerException is { } inner && IsTaken(inner));
}
