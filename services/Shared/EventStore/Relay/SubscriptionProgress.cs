using Npgsql;

namespace Governance.EventStore.Relay;

/// <summary>How far every subscription of a store is, as the database has it.</summary>
public sealed record SubscriptionProgress
{
    /// <summary>The highest committed sequence.</summary>
    public required long Highest { get; init; }

    /// <summary>The sequence that each subscription has done, by its name.</summary>
    public required IReadOnlyDictionary<string, long> Done { get; init; }

    /// <summary>Ids of the leader locks that sessions of this process hold.</summary>
    public required IReadOnlySet<int> Held { get; init; }

    /// <summary>Reads it.</summary>
    /// <param name="database">The service's database.</param>
    /// <param name="schema">The store's schema.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public static async Task<SubscriptionProgress> ReadAsync(NpgsqlDataSource database, string schema, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            select (select coalesce(max(seq_id), 0) from "{schema}".mt_events),
                   array(select l.objid::bigint from pg_locks l join pg_stat_activity a using (pid)
                         where {LeaderLocks.AreHeld}
                           and a.application_name = current_setting('application_name') and a.pid <> pg_backend_pid());
            select name, last_seq_id from "{schema}".mt_event_progression where name <> 'HighWaterMark';
            """
        );
        command.CommandTimeout = 5;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var highest = reader.GetInt64(0);
        var held = await reader.GetFieldValueAsync<long[]>(1, cancellationToken).ConfigureAwait(false);
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        var done = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            // Rows are named after the shard: "relay:All".
            done[reader.GetString(0).Split(':')[0]] = reader.GetInt64(1);
        }

        return new SubscriptionProgress
        {
            Highest = highest,
            Done = done,
            Held = held.Select(id => (int)id).ToHashSet(),
        };
    }
}
