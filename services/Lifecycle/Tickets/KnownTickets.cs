using Marten;
using Npgsql;

namespace Governance.Lifecycle.Tickets;

/// <summary>
/// What is known of a ticket under all spellings of its name. What is recorded now goes to one stream; an earlier version kept one a
/// spelling, and what it recorded counts on.
/// </summary>
internal static class KnownTickets
{
    /// <summary>How the ticket is; null if nothing was ever said of it. What it returns is for reading only.</summary>
    public static async Task<TicketStatus?> FindAsync(IQuerySession session, string system, string key, CancellationToken cancellationToken)
    {
        var known = await session.LoadAsync<TicketStatus>(TicketStatus.IdOf(system, key), cancellationToken);
        return await WithOtherSpellingsAsync(session, known, system, key, cancellationToken);
    }

    /// <summary>The same, where the record of the one stream was read already.</summary>
    public static async Task<TicketStatus?> WithOtherSpellingsAsync(
        IQuerySession session,
        TicketStatus? known,
        string system,
        string key,
        CancellationToken cancellationToken
    )
    {
        var records = new List<TicketStatus>();
        if (known is not null)
        {
            records.Add(known);
        }

        if (await OtherSpellingsAsync(session, system, key, cancellationToken) is { Length: > 0 } others)
        {
            records.AddRange(
                (await session.LoadManyAsync<TicketStatus>(cancellationToken, others)).Where(s =>
                    s.Ticket is { } ticket && TicketName.IsSame(ticket, system, key)
                )
            );
        }

        foreach (var record in records.Where(r => r.Senders is null))
        {
            if (await session.Events.AggregateStreamAsync<TicketStatus>(record.Id, token: cancellationToken) is { } folded)
            {
                record.Complete(folded);
            }
        }

        return records.Count < 2 ? records.SingleOrDefault() : TicketStatus.Merge(records);
    }

    private static async Task<Guid[]> OtherSpellingsAsync(
        IQuerySession session,
        string system,
        string key,
        CancellationToken cancellationToken
    )
    {
        // Finds the index by this very expression.
        await using var command = new NpgsqlCommand(
            $"""
            select id from {session.DocumentStore.Options.Schema.For<TicketStatus>()}
            where lower(data -> 'ticket' ->> 'key') = lower($1) and id <> $2
            order by id
            """
        );
        command.Parameters.Add(new() { Value = key });
        command.Parameters.Add(new() { Value = TicketStatus.IdOf(system, key) });
        var found = new List<Guid>();
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetGuid(0));
        }

        return [.. found];
    }
}
