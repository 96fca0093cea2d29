using Marten;
using Npgsql;

namespace Governance.EventStore.Relay;

/// <summary>An event that this version of the service can't read: of a type that it does not know, or of a form that it can't take.</summary>
/// <param name="Sequence">Its place in the store.</param>
/// <param name="Type">Its stored name.</param>
/// <param name="Reason">What the store says.</param>
internal sealed record UnreadableEvent(long Sequence, string Type, Exception Reason)
{
    // As many as a subscription takes at once: the one that stops it is among them.
    private const int Page = 500;

    /// <summary>The first one behind a sequence; null when the next page can be read.</summary>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public static async Task<UnreadableEvent?> FindAsync(
        IDocumentStore store,
        NpgsqlDataSource database,
        string schema,
        long after,
        CancellationToken cancellationToken
    )
    {
        var next = new List<(long Sequence, Guid Id, string Type)>();
        await using (
            var command = database.CreateCommand(
                $"select seq_id, id, type from \"{schema}\".mt_events where seq_id > $1 order by seq_id limit {Page}"
            )
        )
        {
            command.Parameters.Add(new() { Value = after });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                next.Add((reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2)));
            }
        }

        foreach (var (sequence, id, type) in next)
        {
            // The store may keep a failed session unusable, so each event gets one of its own.
            var session = store.QuerySession();
            await using var disposing = session.ConfigureAwait(false);
            try
            {
                await session.Events.LoadAsync(id, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e)
                when (e.GetBaseException() is NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException)
            {
                throw new NpgsqlException($"The database failed while event {sequence} was read.", e);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                return new UnreadableEvent(sequence, type, e);
            }
        }

        return null;
    }
}
