using System.Globalization;
using Npgsql;

namespace Governance.EventStore.Relay;

/// <summary>Somebody else's session, or prepared transaction, that the subscriptions of a store wait for: a new process would wait for it too.</summary>
/// <param name="Id">What it is ended by: <c>pid 4711</c>, or <c>prepared transaction 'x'</c>.</param>
/// <param name="Who">Its role and application.</param>
/// <param name="Age">How long its transaction has been open; null where this role may not see that.</param>
/// <param name="Query">What it runs, or ran last, without literals.</param>
internal sealed record RelayHolder(string Id, string Who, TimeSpan? Age, string Query)
{
    // The daemon passes over a dead sequence number after 3 s, unless somebody who began before may still write it.
    private static readonly TimeSpan Old = TimeSpan.FromSeconds(3);

    public override string ToString() =>
        Id
        + " of "
        + Who
        + (Age is { } age ? string.Create(CultureInfo.InvariantCulture, $", open for {age.TotalSeconds:F0} s") : "")
        + (Query.Length > 0 ? ": " + Query : "");

    /// <summary>
    /// Those that block a session of this process, and, while sequence numbers are missing below the highest, every transaction that has
    /// been writing for longer than a number may be missing: who may still commit it keeps everybody waiting, whatever database of the
    /// server it is in.
    /// </summary>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public static async Task<IReadOnlyList<RelayHolder>> FindAsync(
        NpgsqlDataSource database,
        string schema,
        CancellationToken cancellationToken
    )
    {
        // The locks show who writes also to a role that may not look into others' sessions.
        await using var command = database.CreateCommand(
            $"""
            with gap as (
                select coalesce((select last_seq_id from "{schema}".mt_event_progression where name = 'HighWaterMark'), 0)
                       < coalesce((select max(seq_id) from "{schema}".mt_events), 0) as there_is_one
            ), blocking as (
                select distinct unnest(pg_blocking_pids(pid)) as pid
                from pg_stat_activity where application_name = current_setting('application_name')
            ), writing as (
                select pid from pg_locks where locktype = 'transactionid' and mode = 'ExclusiveLock' and granted and pid is not null
            )
            select 'pid ' || a.pid, coalesce(a.usename, '?') || coalesce(' (' || nullif(a.application_name, '') || ')', ''),
                   clock_timestamp() - a.xact_start,
                   left(regexp_replace(coalesce(a.query, ''), '''[^'']*(''|$)|\$\w*\$.*', '…', 'g'), 200)
            from pg_stat_activity a, gap
            where a.application_name is distinct from current_setting('application_name') and a.pid <> pg_backend_pid()
              and (a.pid in (select pid from blocking)
                   or (there_is_one and a.pid in (select pid from writing)
                       and coalesce(a.xact_start < clock_timestamp() - $1, true)))
            union all
            select 'prepared transaction ' || quote_literal(p.gid), p.owner || ' in ' || p.database, clock_timestamp() - p.prepared, ''
            from pg_prepared_xacts p, gap
            where 0 in (select pid from blocking) or (there_is_one and p.prepared < clock_timestamp() - $1)
            order by 1
            """
        );
        command.Parameters.Add(new() { Value = Old });
        command.CommandTimeout = 5;
        var holders = new List<RelayHolder>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            holders.Add(
                new RelayHolder(
                    reader.GetString(0),
                    reader.GetString(1),
                    await reader.IsDBNullAsync(2, cancellationToken).ConfigureAwait(false)
                        ? null
                        : await reader.GetFieldValueAsync<TimeSpan>(2, cancellationToken).ConfigureAwait(false),
                    reader.GetString(3)
                )
            );
        }

        return holders;
    }
}
