using Npgsql;

namespace Governance.Expiry.Firing;

/// <summary>The rows as an outbox: what is due next, claim, mark. Both questions are answered from the partial index of what may still fire.</summary>
internal sealed class DueDeadlines(NpgsqlDataSource database)
{
    // The transaction is open while the broker is asked. A frozen process must not keep its rows from the other replicas for long.
    private const string BoundSql = "set local idle_in_transaction_session_timeout = 5000";

    private const string ClaimSql = """
        select grant_id, kind, revision, due, armed_at, firings, trace_parent
        from expiry.deadlines where next_firing <= $1 order by next_firing limit $2 for update skip locked
        """;

    private const string MarkSql = """
        update expiry.deadlines d
        set state = 'fired', firings = d.firings + 1, first_fired_at = coalesce(d.first_fired_at, $4),
            next_firing = least(f.next_firing + waiting.count * $5, $4 + $6)
        from unnest($1, $2, $3) as f (grant_id, kind, next_firing), (select count(*) from expiry.deadlines where state = 'fired') waiting
        where d.grant_id = f.grant_id and d.kind = f.kind
        """;

    public async Task<DateTimeOffset?> NextAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select min(next_firing) from expiry.deadlines where next_firing is not null");
        command.CommandTimeout = 5;
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime next ? new DateTimeOffset(next, TimeSpan.Zero) : null;
    }

    public static async Task<IReadOnlyList<DueDeadline>> ClaimAsync(
        NpgsqlConnection connection,
        DateTimeOffset now,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = 5 };
        batch.BatchCommands.Add(new NpgsqlBatchCommand(BoundSql));
        batch.BatchCommands.Add(
            new NpgsqlBatchCommand(ClaimSql)
            {
                Parameters =
                {
                    new() { Value = now.UtcDateTime },
                    new() { Value = limit },
                },
            }
        );
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var due = new List<DueDeadline>();
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add(
                new DueDeadline(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    reader.GetInt64(2),
                    new DateTimeOffset(reader.GetDateTime(3), TimeSpan.Zero),
                    new DateTimeOffset(reader.GetDateTime(4), TimeSpan.Zero),
                    reader.GetInt32(5),
                    await reader.IsDBNullAsync(6, cancellationToken) ? null : reader.GetString(6)
                )
            );
        }

        return due;
    }

    public static async Task MarkAsync(
        NpgsqlConnection connection,
        IReadOnlyList<DueDeadline> fired,
        DateTimeOffset now,
        Func<DueDeadline, TimeSpan> repeatAfter,
        ExpiryOptions options,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(MarkSql, connection) { CommandTimeout = 5 };
        command.Parameters.Add(new() { Value = fired.Select(d => d.GrantId).ToArray() });
        command.Parameters.Add(new() { Value = fired.Select(d => d.Kind).ToArray() });
        command.Parameters.Add(new() { Value = fired.Select(d => (now + repeatAfter(d)).UtcDateTime).ToArray() });
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        command.Parameters.Add(new() { Value = options.RepeatSpacing });
        command.Parameters.Add(new() { Value = options.LongestRepeat });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
