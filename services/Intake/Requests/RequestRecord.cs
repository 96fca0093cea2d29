using Governance.Contracts.Decisions;
using Governance.Contracts.Intake;
using Governance.EventStore.Relay;
using Governance.Intake.Names;
using Marten;
using Npgsql;

namespace Governance.Intake.Requests;

/// <summary>Whether a request with this source and id was received before.</summary>
internal enum Repeat
{
    None,

    /// <summary>The same request.</summary>
    Same,

    /// <summary>Another request with the same source and id.</summary>
    Other,
}

/// <summary>The committed record of what came to the door: one stream a request, one a refusal, each of one event.</summary>
internal sealed class RequestRecord(IDocumentStore store, TimeProvider clock)
{
    public async Task<Repeat> FindAsync(AccessRequest request, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        var events = await session.Events.FetchStreamAsync(request.GrantId, token: cancellationToken);
        if (events.Count == 0)
        {
            return Repeat.None;
        }

        var received = (RequestReceived)events[0].Data;
        var text = await session.LoadAsync<RequestText>(request.GrantId, cancellationToken);
        // An erased text can't be compared any more; the rest still is.
        var justification = text is null ? received.Justification : RequestDigest.OfText(text.Salt, request.Justification);
        return string.Equals(RequestDigest.Compute(request, justification), received.Digest, StringComparison.Ordinal)
            ? Repeat.Same
            : Repeat.Other;
    }

    /// <summary>Commits the request; when another delivery was quicker, says how that one compares.</summary>
    public async Task<Repeat> ReceiveAsync(
        AccessRequest request,
        ResolvedNames names,
        Delivery delivery,
        CancellationToken cancellationToken
    )
    {
        var text = new RequestText
        {
            Id = request.GrantId,
            Salt = RequestDigest.NewSalt(),
            Text = request.Justification,
        };
        await using var session = store.LightweightSession();
        Stamp(session, request.GrantId, request.Id, delivery);
        session.Events.StartStream(request.GrantId, Received(request, RequestDigest.OfText(text.Salt, text.Text), names, delivery));
        session.Insert(text);
        CrashPoints.Reach("intake.request.before-commit");
        try
        {
            await session.SaveChangesAsync(cancellationToken);
        }
        catch (Exception e) when (IsTaken(e))
        {
            return await FindAsync(request, cancellationToken);
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
        try
        {
            await session.SaveChangesAsync(cancellationToken);
        }
        catch (Exception e) when (IsTaken(e))
        {
            return new Reception.Refused(refusalId, refusal);
        }

        CrashPoints.Reach("intake.refusal.after-commit");
        return new Reception.Refused(refusalId, refusal);
    }

    private RequestReceived Received(AccessRequest request, string justification, ResolvedNames names, Delivery delivery)
    {
        var requester = names.IdOf(request.Requester);
        var self = delivery.Actor.Assurance == Assurance.Verified && string.Equals(delivery.Actor.Id, requester, StringComparison.Ordinal);
        return new RequestReceived
        {
            Source = request.Source,
            RequestId = request.Id,
            Principal = names.IdOf(request.Principal),
            Entitlement = request.Entitlement,
            Duration = request.Duration,
            NotBefore = request.NotBefore,
            Justification = justification,
            Requester = requester,
            RequesterAssurance = self ? Assurance.Verified : names.AssuranceOf("requester"),
            Emergency = request.Emergency,
            EmergencyAssurance = names.AssuranceOf("emergency"),
            Ticket = Ticket(request.Ticket, names),
            Approvals =
            [
                .. request.Approvals.Select(a => new RequestedApproval
                {
                    Approver = names.IdOf(a.Approver),
                    Approved = a.Approved,
                    At = a.At,
                    Assurance = names.AssuranceOf("approvals"),
                }),
            ],
            Via = delivery.Via,
            Actor = self ? delivery.Actor : delivery.Actor with { OnBehalfOf = [requester] },
            ReceivedAt = clock.Now(),
            Digest = RequestDigest.Compute(request, justification),
            Catalog = names.Catalog,
        };
    }

    private static RequestedTicket? Ticket(TicketClaim? ticket, ResolvedNames names) =>
        ticket is null
            ? null
            : new RequestedTicket
            {
                System = ticket.System,
                Key = ticket.Key,
                State = ticket.State,
                Url = ticket.Url,
                Assurance = names.AssuranceOf("tickets"),
            };

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
