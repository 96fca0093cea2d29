using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Governance.EventStore.Relay;

/// <summary>Takes the lead from a replica that still holds a leader lock but says nothing any more.</summary>
/// <remarks>
/// A lock lives as long as its session. Of a frozen process, or of a machine that went away without closing its connections, the server keeps
/// the session until TCP gives up, which takes minutes to hours; the whole installation would publish nothing meanwhile. Every replica reads
/// the progress twice a second (<see cref="DaemonWatchdog"/>), so one none of whose sessions did anything for long is not there; the others
/// end its sessions. Should it wake up, it finds its lock gone, and what it publishes late are duplicates.
/// </remarks>
internal sealed class SilentLeaders(IDocumentStore store, NpgsqlDataSource database, TimeProvider clock, ILogger<SilentLeaders> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    // By the server's clock. Longer than a process that merely gets no processor is quiet.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    // A server that itself stood still must not take everybody for silent.
    private const int LooksBeforeTaking = 2;

    private readonly int[] _locks = [.. LeaderLocks.Of(store).Values];
    private readonly Dictionary<string, int> _looks = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
            {
                // The database is away, which the watchdog of the subscriptions tells.
                _looks.Clear();
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var silent = await SilentAsync(cancellationToken);
        foreach (var application in _looks.Keys.Except(silent, StringComparer.Ordinal).ToList())
        {
            _looks.Remove(application);
        }

        foreach (var application in silent)
        {
            _looks[application] = _looks.GetValueOrDefault(application) + 1;
            if (_looks[application] >= LooksBeforeTaking)
            {
                Log.LeaderSilent(logger, application, Silence);
                await EndAsync(application, cancellationToken);
                _looks.Remove(application);
            }
        }
    }

    // A session that holds a lock sleeps in the server, and others may wait there: what shows that a process lives is what it sent last.
    private async Task<IReadOnlyList<string>> SilentAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            with holders as (
                select a.pid, a.application_name
                from pg_locks l join pg_stat_activity a using (pid)
                where {LeaderLocks.AreHeld}
                  and l.objid::bigint = any ($1)
                  and a.application_name <> current_setting('application_name')
            )
            select a.application_name
            from pg_stat_activity a
            where a.application_name in (select application_name from holders) and a.pid not in (select pid from holders)
            group by a.application_name
            having max(a.query_start) < clock_timestamp() - $2
            """
        );
        command.Parameters.Add(new() { Value = _locks.Select(l => (long)l).ToArray() });
        command.Parameters.Add(new() { Value = Silence });
        command.CommandTimeout = 5;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var silent = new List<string>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            silent.Add(reader.GetString(0));
        }

        return silent;
    }

    // All of its sessions: one in the middle of an append would hold up everybody's high-water mark, one with a row's lock its successor.
    private async Task EndAsync(string application, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = current_database()"
        );
        command.Parameters.Add(new() { Value = application });
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
