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
    /// <summary>Where the event was recorded before by the same sender, or else where it is to be recorded.</summary>
    public async Task<Placement> FindAsync(IncomingMessage message, EventIdentity identity, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        var batch = session.CreateBatchQuery();
        var streams = identity.Places.Select(p => (Place: p, Events: batch.Events.FetchStream(p.Id))).ToList();
        await batch.Execute(cancellationToken);
        Placement? free = null;
        foreach (var (place, stream) in streams)
        {
            var events = await stream;
            if (events.Count == 0)
            {
                free ??= place.MayBegin ? new Placement(place.Id, Repeat.None) : null;
            }
            else if (place.IsOurs(PublisherOf(events[0].Data)))
            {
                return new Placement(
                    place.Id,
                    await IsSameAsync(place.Id, events[0].Data, message, session, cancellationToken) ? Repeat.Same : Repeat.Other
                );
            }
        }

        // The last place is nobody else's, whoever came first.
        return free ?? throw new InvalidOperationException($"No stream is left for the event {message.Id} of {message.Source}.");
    }

    private static string? PublisherOf(object recorded) =>
        recorded switch
        {
            RequestReceived request => Delivery.PublisherOf(request.Actor),
            TicketChangeReceived change => Delivery.PublisherOf(change.Actor),
            RequestRefused refused => Delivery.PublisherOf(refused.Actor),
            _ => null,
        };

    private static async Task<bool> IsSameAsync(
        Guid streamId,
        object recorded,
        IncomingMessage message,
        IQuerySession session,
        CancellationToken cancellationToken
    ) =>
        (recorded, message) switch
        {
            (RequestReceived received, AccessRequest request) => RequestDigest.IsOf(
                received,
                request,
                await session.LoadAsync<RequestText>(streamId, cancellationToken)
            ),
            (TicketChangeReceived received, TicketChange change) => received.Digest == TicketEvidence.DigestOf(change),
            _ => false,
        };

    /// <summary>Commits the event; when another delivery of the same sender was quicker, says how that one compares.</summary>
    public async Task<Placement> ReceiveAsync(
        IncomingMessage message,
        Guid streamId,
        EventIdentity identity,
        ResolvedNames names,
        Delivery delivery,
        CancellationToken cancellationToken
    )
    {
        await using var session = store.LightweightSession();
        Stamp(session, streamId, message.Id, delivery);
        switch (message)
        {
            case AccessRequest request:
                var text = RequestEvidence.TextOf(streamId, request);
                session.Events.StartStream(streamId, RequestEvidence.EventOf(request, text, names, delivery, clock.Now()));
                session.Insert(text);
                break;
            case TicketChange change:
                session.Events.StartStream(streamId, TicketEvidence.EventOf(change, names, delivery, clock.Now()));
                break;
            default:
                throw new InvalidOperationException($"No record is known for {message.GetType().Name}.");
        }

        CrashPoints.Reach("intake.request.before-commit");
        if (!await CommitAsync(session, cancellationToken))
        {
            var quicker = await FindAsync(message, identity, cancellationToken);
            return quicker.Repeat == Repeat.None
                ? await ReceiveAsync(message, quicker.StreamId, identity, names, delivery, cancellationToken)
                : quicker;
        }

        CrashPoints.Reach("intake.request.after-commit");
        return new Placement(streamId, Repeat.None);
    }

    /// <summary>Commits a refusal; the same message of the same sender refused again is the same refusal.</summary>
    public async Task<Reception.Refused> RefuseAsync(
        Refusal refusal,
        string? source,
        string? id,
        Delivery delivery,
        CancellationToken cancellationToken
    )
    {
        var refusalId = NameBasedUuid.Create(
            NameBasedUuid.GovernanceNamespace,
            $"refusal\n{delivery.BodyDigest}\n{source}\n{id}" + (delivery.Publisher is { } publisher ? "\n" + publisher : "")
        );
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
