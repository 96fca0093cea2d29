using Governance.Connectors;
using Governance.Issuance.Holdings;
using Governance.Issuance.Targets;
using Npgsql;

namespace Governance.Issuance.Reconciling;

/// <summary>Claims the due holdings of one target and starts an attempt for each, at most N at once, removals first.</summary>
/// <remarks>
/// While the target's circuit is open, one removal a second is tried all the same by one of the replicas, each in its turn; as soon as the
/// target answers, all are.
/// </remarks>
internal sealed class ReconcileLoop(
    Target? target,
    string[] known,
    HoldingStore store,
    ProbeGate probes,
    Attempt attempt,
    Wakeups wakeups,
    Heartbeats heartbeats,
    TimeProvider clock,
    IssuanceOptions options,
    ILogger<ReconcileLoop> logger
)
{
    private static readonly TargetOptions ForUnknown = new();
    private static readonly TimeSpan BetweenTellings = TimeSpan.FromSeconds(1);

    private readonly TargetOptions _limits = target?.Options ?? ForUnknown;
    private readonly string _name = target?.Id ?? ReconcileLoops.UnknownTargets;
    private readonly Lock _lock = new();
    private readonly HashSet<Task<AttemptEnd>> _running = [];
    private int _giving;
    private bool _leftOver;
    private bool _interrupted;
    private long? _toldAt;

    /// <summary>Runs until stopped; then attempts that have begun are let finish, which their hard end bounds.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            heartbeats.Beat(_name);
            try
            {
                await ClaimAsync(stopping);
                _interrupted = false;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
            {
                // Told once for each outage: the health check of the database says how long it lasts.
                if (!_interrupted)
                {
                    logger.LoopInterrupted(e, _name);
                }

                _interrupted = true;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }

            await wakeups.SleepAsync(_name, options.PollInterval, stopping);
        }

        await Task.WhenAll(Running());
    }

    private async Task ClaimAsync(CancellationToken stopping)
    {
        int free,
            removals,
            gifts;
        var leftAlone = target?.Circuit.IsOpen ?? false;
        if (leftAlone)
        {
            await TellWaitingAsync(target!, stopping);
        }

        // Taken only where there is a place for it; none is taken meanwhile but here.
        var mayProbe = leftAlone && Running().Length < _limits.Concurrency && await probes.TryTakeAsync(target!.Id, stopping);
        lock (_lock)
        {
            free = _limits.Concurrency - _running.Count;
            removals =
                !leftAlone ? free
                : mayProbe ? 1
                : 0;
            gifts = Math.Max(0, Math.Min(free, _limits.Concurrency - 1 - _giving));
            // Also while the claim is made: a place that becomes free meanwhile is not in its limits.
            _leftOver = true;
        }

        if (free == 0)
        {
            return;
        }

        // Read before the claim is made, so that our hard end is never later than the one in the table.
        var started = clock.GetTimestamp();
        var claims = await store.ClaimAsync(target?.Id, known, free, removals, gifts, _limits.AttemptTimeout, stopping);
        var giving = claims.Count(c => c.Wanted);
        var removing = claims.Count - giving;
        lock (_lock)
        {
            // A removal that succeeds while the target is left alone lets the others go.
            _leftOver = leftAlone || removing == removals || giving == Math.Min(gifts, free - removing);
        }

        if (mayProbe && removing == 0)
        {
            await probes.GiveBackAsync(target!.Id, stopping);
        }

        foreach (var claim in claims)
        {
            var at = leftAlone && !claim.Wanted ? target!.AsProbe() : target;
            Start(claim, at, new AttemptDeadline(clock, started, _limits.AttemptTimeout), stopping);
        }
    }

    private async Task TellWaitingAsync(Target leftAlone, CancellationToken stopping)
    {
        if (_toldAt is { } at && clock.GetElapsedTime(at) < BetweenTellings)
        {
            return;
        }

        _toldAt = clock.GetTimestamp();
        await store.TellWaitingAsync(leftAlone.Id, Attempt.LeftAlone, stopping);
    }

    private void Start(HoldingClaim claim, Target? at, AttemptDeadline deadline, CancellationToken stopping)
    {
        // Not cancelled by stopping: an attempt that has begun ends by itself, so that its outcome is known.
        var task = Task.Run(() => attempt.RunAsync(claim, at, deadline, stopping), CancellationToken.None);
        lock (_lock)
        {
            _running.Add(task);
            _giving += claim.Wanted ? 1 : 0;
        }

        _ = task.ContinueWith(
            ended =>
            {
                bool again;
                lock (_lock)
                {
                    _running.Remove(ended);
                    _giving -= claim.Wanted ? 1 : 0;
                    again = _leftOver;
                }

                if (again || !ended.IsCompletedSuccessfully || ended.Result == AttemptEnd.NotSettled)
                {
                    wakeups.Wake(_name);
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    private Task<AttemptEnd>[] Running()
    {
        lock (_lock)
        {
            return [.. _running];
        }
    }
}
