using Governance.Contracts.Decisions;
using Governance.Contracts.Intake;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Installation;
using Governance.Messaging;
using Marten;
using MassTransit;
using Npgsql;

namespace Governance.Lifecycle.Tickets;

/// <summary>Records how a ticket is now, and tells every grant that refers to it. Repeated or late news changes nothing.</summary>
internal sealed class TicketChangedConsumer(
    IDocumentStore store,
    Catalogs catalogs,
    TimeProvider clock,
    ILogger<TicketChangedConsumer> logger
) : IConsumer<TicketChanged>
{
    public async Task Consume(ConsumeContext<TicketChanged> context)
    {
        var m = context.Message;
        if (m.Ticket.Assurance != Assurance.Verified)
        {
            Log.TicketNotBelieved(logger, m.Ticket.System, m.Ticket.Key, m.Source);
            return;
        }

        if (await RecordAsync(m, context.CancellationToken) is { } status)
        {
            foreach (var (grant, system, key) in await GrantsAsync(m.Ticket, context.CancellationToken))
            {
                await context.PublishMandatoryAsync(
                    new UpdateGrantTicket
                    {
                        GrantId = grant,
                        Ticket = (status.Ticket?.ToRequested() ?? m.Ticket) with { System = system, Key = key },
                        Closed = status.Closed,
                        ChangedAt = status.ChangedAt,
                        Number = status.Number,
                        ClosedAt = m.Closed ? m.ReceivedAt : null,
                    },
                    NewId.NextGuid(),
                    context.CancellationToken
                );
            }
        }
    }

    /// <summary>
    /// How the ticket is now; null if what was said does not count. What is known already is told again: the first time may have ended
    /// before everybody was told.
    /// </summary>
    private async Task<TicketStatus?> RecordAsync(TicketChanged m, CancellationToken cancellationToken)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellationToken);
        // A request that refers to the ticket is either seen below, or sees this.
        await InstallationLock.TakeAsync(session, cancellationToken, TicketStatus.LocksOf(m.Ticket.System, m.Ticket.Key));
        var id = TicketStatus.IdOf(m.Ticket.System, m.Ticket.Key);
        var stream = await session.Events.FetchForWriting<TicketStatus>(id, cancellationToken);
        var known = await KnownTickets.WithOtherSpellingsAsync(session, stream.Aggregate, m.Ticket.System, m.Ticket.Key, cancellationToken);
        if (known?.HasHeard(m) == true)
        {
            return known;
        }

        var ticket = GrantTicket.Of(m.Ticket);
        if (TicketOrder.WhyIgnored(known, m) is { } reason)
        {
            stream.AppendOne(
                new TicketReportIgnored
                {
                    Ticket = ticket,
                    ChangedAt = m.ChangedAt,
                    ReceivedAt = m.ReceivedAt,
                    Source = m.Source,
                    EventId = m.EventId,
                    Reason = reason,
                    At = clock.Now(),
                }
            );
            await session.SaveChangesAsync(cancellationToken);
            Log.TicketChangeIgnored(logger, m.Ticket.System, m.Ticket.Key, m.Source, m.EventId, reason);
            return null;
        }

        stream.AppendOne(
            new TicketReported
            {
                Ticket = ticket,
                Closed = m.Closed,
                ChangedAt = m.ChangedAt,
                ReceivedAt = m.ReceivedAt,
                Superseded = TicketOrder.IsSuperseded(known, m),
                Source = m.Source,
                EventId = m.EventId,
                At = clock.Now(),
            }
        );
        var catalog = await catalogs.InForceAsync(session, cancellationToken);
        var unknown = m.Ticket.State is { } state && TicketStates.MeaningOf(catalog, m.Source, state) is null;
        if (unknown)
        {
            stream.AppendOne(new TicketStateUnknown(m.Ticket.System, m.Ticket.Key, m.Ticket.State!, m.Source, clock.Now()));
        }

        await session.SaveChangesAsync(cancellationToken);
        if (unknown)
        {
            Log.TicketStateUnknown(logger, m.Ticket.System, m.Ticket.Key, m.Ticket.State!, m.Source);
            GrantMetrics.TicketStateUnknown();
        }

        await using var reader = store.QuerySession();
        return await KnownTickets.FindAsync(reader, m.Ticket.System, m.Ticket.Key, cancellationToken);
    }

    private async Task<IReadOnlyList<(Guid Id, string System, string Key)>> GrantsAsync(
        RequestedTicket ticket,
        CancellationToken cancellationToken
    )
    {
        await using var session = store.QuerySession();
        await using var command = new NpgsqlCommand(
            $"""
            select id, data -> 'ticket' ->> 'system', data -> 'ticket' ->> 'key' from {store.Options.Schema.For<Grant>()}
            where data ->> 'currentState' in ({GrantState.LiveList})
              and lower(data -> 'ticket' ->> 'system') = lower($1) and lower(data -> 'ticket' ->> 'key') = lower($2)
            """
        );
        command.Parameters.Add(new() { Value = ticket.System });
        command.Parameters.Add(new() { Value = ticket.Key });
        var grants = new List<(Guid Id, string System, string Key)>();
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            grants.Add((reader.GetGuid(0), reader.GetString(1), reader.GetString(2)));
        }

        return grants;
    }
}
