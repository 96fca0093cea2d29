using System.Diagnostics.Metrics;
using Governance.ServiceDefaults;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Governance.EventStore.Relay;

/// <summary>
/// Ends the process when it holds the leader lock, its subscriptions are behind, and nothing has moved for longer than any legitimate gap.
/// </summary>
/// <remarks>
/// After two processes led for a moment, an agent can end for good while its process wins the lock again: the whole installation would
/// publish nothing, for ever. A new process starts its agents afresh. A page that can't be published is no reason to end, nor is an event
/// that can't be read or translated, nor somebody's session that holds the subscriptions up: a new process could not either. They wait, not
/// ready, until somebody has put it right.
/// </remarks>
internal sealed class DaemonWatchdog : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    // A dead sequence number legitimately holds everything up for 3 s.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    // On a busy machine the first page of a new process takes longer, and the first one after something was put right; ending it then would only make the machine busier.
    private static readonly TimeSpan FirstPageBound = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, Seen> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _failed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unreadable = new(StringComparer.Ordinal);
    private readonly HashSet<string> _heldUp = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, int> _locks;
    private readonly IDocumentStore _store;
    private readonly NpgsqlDataSource _database;
    private readonly EventStoreIdentity _identity;
    private readonly SubscriptionMonitors _monitors;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _clock;
    private readonly ILogger<DaemonWatchdog> _logger;
    private long _behind;
    private long _reported;
    private string _holders = "";

    public DaemonWatchdog(
        IDocumentStore store,
        NpgsqlDataSource database,
        EventStoreIdentity identity,
        SubscriptionMonitors monitors,
        IHostApplicationLifetime lifetime,
        TimeProvider clock,
        ILogger<DaemonWatchdog> logger
    )
    {
        (_store, _database, _identity, _monitors, _lifetime, _clock, _logger) = (
            store,
            database,
            identity,
            monitors,
            lifetime,
            clock,
            logger
        );
        _locks = LeaderLocks.Of(store);
        Telemetry.Meter.CreateObservableGauge(
            "governance.relay.behind",
            () => Volatile.Read(ref _behind),
            "{event}",
            "Committed events that the slowest subscription has not done."
        );
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, _clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await JudgeAsync(await SubscriptionProgress.ReadAsync(_database, _identity.Schema, stoppingToken), stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
            {
                // The database is away: nothing can move, and readiness says so. Time without it does not count against the agents.
                _seen.Clear();
                Log.ProgressUnknown(_logger, e, _identity.Schema);
            }
        }
    }

    private async Task JudgeAsync(SubscriptionProgress progress, CancellationToken cancellationToken)
    {
        var now = _clock.GetTimestamp();
        long slowest = 0;
        foreach (var monitor in _monitors.All)
        {
            var done = progress.Done.GetValueOrDefault(monitor.Name);
            slowest = Math.Max(slowest, progress.Highest - done);
            var leads = _locks.TryGetValue(monitor.Name, out var held) && progress.Held.Contains(held);
            var stuck = leads && done < progress.Highest && !monitor.IsWorking;
            if (!stuck || !_seen.TryGetValue(monitor.Name, out var seen) || seen.Done != done)
            {
                _seen[monitor.Name] = new Seen(done, now, 1);
                Release(monitor);
                if (_failed.Remove(monitor.Name))
                {
                    monitor.Succeeded();
                }

                continue;
            }

            // A process that gets no processor looks rarely: what it did not see standing still counts for nothing.
            _seen[monitor.Name] = seen = seen with { Looks = seen.Looks + 1 };
            // A subscription that says itself what is wrong (an event that it can't translate) stands still for a reason.
            if (StoodStill(seen, now, Bound) && (monitor.Failure is null || _failed.Contains(monitor.Name)))
            {
                await StandsStillAsync(monitor, seen, progress.Highest, now, cancellationToken);
            }
        }

        Volatile.Write(ref _behind, slowest);
    }

    private async Task StandsStillAsync(SubscriptionMonitor monitor, Seen seen, long highest, long now, CancellationToken cancellationToken)
    {
        if (seen.Searched is { } searched && _clock.GetElapsedTime(searched, now) < Bound)
        {
            return;
        }

        if (await UnreadableEvent.FindAsync(_store, _database, _identity.Schema, seen.Done, cancellationToken) is { } unreadable)
        {
            if (_reported != unreadable.Sequence)
            {
                _reported = unreadable.Sequence;
                Log.CannotRead(_logger, unreadable.Reason, _identity.Schema, unreadable.Sequence, unreadable.Type);
            }

            _unreadable.Add(monitor.Name);
            Fail(monitor, $"event {unreadable.Sequence} ({unreadable.Type}) can't be read: {unreadable.Reason.Message}");
            _seen[monitor.Name] = seen with { Searched = now };
        }
        else if (await RelayHolder.FindAsync(_database, _identity.Schema, cancellationToken) is { Count: > 0 } holders)
        {
            var ids = string.Join(", ", holders.Select(h => h.Id));
            var described = string.Join("; ", holders);
            if (_holders != ids)
            {
                _holders = ids;
                Log.HeldUp(_logger, _identity.Schema, seen.Done, highest, described);
            }

            _heldUp.Add(monitor.Name);
            Fail(monitor, $"held up at {seen.Done} of {highest} by {described}");
            _seen[monitor.Name] = seen with { Searched = now };
        }
        else if (_unreadable.Remove(monitor.Name) | Release(monitor))
        {
            // It was put right just now: the agent gets its time to go on. It looks rarely by now, and may first have to pass over a dead number.
            _seen[monitor.Name] = new Seen(seen.Done, now, 1) { Freed = true };
        }
        else if (await DatabaseWrites.FaultAsync(_database, cancellationToken) is { } unwritable)
        {
            // Once it can be written, the agent gets its time as after anything that was put right.
            Fail(monitor, unwritable);
            _seen[monitor.Name] = new Seen(seen.Done, now, 1, now) { Freed = true };
        }
        else if (StoodStill(seen, now, monitor.HasWorked && !seen.Freed ? Bound : FirstPageBound))
        {
            // It was looked for long what is wrong, on a busy machine: what has moved meanwhile does not stand still.
            var latest = await SubscriptionProgress.ReadAsync(_database, _identity.Schema, cancellationToken);
            if (latest.Done.GetValueOrDefault(monitor.Name) != seen.Done)
            {
                return;
            }

            Fail(monitor, Stalled);
            Log.Stalled(_logger, _identity.Schema, monitor.Name, seen.Done, highest);
            Environment.ExitCode = 70;
            _lifetime.StopApplication();
        }
        else
        {
            _seen[monitor.Name] = seen with { Searched = now };
        }
    }

    private bool StoodStill(Seen seen, long now, TimeSpan bound) =>
        _clock.GetElapsedTime(seen.At, now) > bound && seen.Looks > bound / Period;

    private bool Release(SubscriptionMonitor monitor)
    {
        var released = _heldUp.Remove(monitor.Name);
        if (_heldUp.Count == 0)
        {
            _holders = "";
        }

        return released;
    }

    private void Fail(SubscriptionMonitor monitor, string problem)
    {
        _failed.Add(monitor.Name);
        monitor.Failed(problem);
    }

    private const string Stalled = "leads, is behind, and does not move";

    private sealed record Seen(long Done, long At, int Looks, long? Searched = null)
    {
        public bool Freed { get; init; }
    }
}
