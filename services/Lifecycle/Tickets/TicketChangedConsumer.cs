using Governance.Contracts.Decisions;
using Governance.Contracts.Intake;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Installation;
using Governance.Messaging;
using Marten;
using MassTransit;
using Npgsql;

namespace Governance.Lifecycle.Tickets;

/// <summary>Records how a ticket is now, and tells every grant that refers to it. Repeated or late news changes nothing.</summary>
internal sealed class TicketChangedConsumer(IDocumentStore store, TimeProvider clock, ILogger<TicketChangedConsumer> logger)
    : IConsumer<TicketChanged>
{
    public async Task Consume(ConsumeContext<TicketChanged> context)
    {
        var m = context.Message;
        if (m.Ticket.Assurance != Assurance.Verified)
        {
            Log.TicketNotBelieved(logger, m.Ticket.System, m.Ticket.Key, m.Source);
            return;
        }

        if (await RecordAsync(m, context.CancellationToken))
        {
            foreach (var grant in await GrantsAsync(m.Ticket, context.CancellationToken))
            {
                await context.PublishMandatoryAsync(
                    new UpdateGrantTicket
                    {
                        GrantId = grant,
                        Ticket = m.Ticket,
                        Closed = m.Closed,
                        ChangedAt = m.ChangedAt,
                    },
                    NewId.NextGuid(),
                    context.CancellationToken
                );
            }
        }
    }

    /// <summary>False if something later is known. What is known already is told again: the first time may have ended before everybody was told.</summary>
    private async Task<bool> RecordAsync(TicketChanged m, CancellationToken cancellationToken)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellationToken);
        // A request that refers to the ticket is either seen below, or sees this.
        await InstallationLock.TakeAsync(session, cancellationToken, TicketStatus.LockOf(m.Ticket.System, m.Ticket.Key));
        var stream = await session.Events.FetchForWriting<TicketStatus>(
            TicketStatus.IdOf(m.Ticket.System, m.Ticket.Key),
            cancellationToken
        );
        // Of two changes at the same moment a closure counts, whichever came first.
        if (
            stream.Aggregate is { } known
            && (known.ChangedAt > m.ChangedAt || (known.ChangedAt == m.ChangedAt && (known.Closed || !m.Closed)))
        )
        {
            return known.ChangedAt == m.ChangedAt && known.Closed == m.Closed;
        }

        stream.AppendOne(
            new TicketReported
            {
                Ticket = GrantTicket.Of(m.Ticket),
                Closed = m.Closed,
                ChangedAt = m.ChangedAt,
                Source = m.Source,
                EventId = m.EventId,
                At = clock.Now(),
            }
        );
        await session.SaveChangesAsync(cancellationToken);
        return true;
    }

    private async Task<IReadOnlyList<Guid>> GrantsAsync(RequestedTicket ticket, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        await using var command = new NpgsqlCommand(
            $"""
            select id from {store.Options.Schema.For<Grant>()}
            where data ->> 'currentState' in ({GrantState.LiveList})
              and data -> 'ticket' ->> 'system' = $1 and data -> 'ticket' ->> 'key' = $2
            """
        );
        command.Parameters.Add(new() { Value = ticket.System });
        command.Parameters.Add(new() { Value = ticket.Key });
        var grants = new List<Guid>();
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            grants.Add(reader.GetGuid(0));
        }

        return grants;
    }
}
