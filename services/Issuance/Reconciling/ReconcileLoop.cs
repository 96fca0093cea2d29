using Governance.Connectors;
using Governance.Issuance.Holdings;
using Governance.Issuance.Targets;
using Npgsql;

namespace Governance.Issuance.Reconciling;

/// <summary>Claims the due holdings of one target and starts an attempt for each, at most N at once, removals first.</summary>
internal sealed class ReconcileLoop(
    Target? target,
    string[] known,
    HoldingStore store,
    Attempt attempt,
    Wakeups wakeups,
    Heartbeats heartbeats,
    TimeProvider clock,
    IssuanceOptions options,
    ILogger<ReconcileLoop> logger
)
{
    private static readonly TargetOptions ForUnknown = new();

    private readonly TargetOptions _limits = target?.Options ?? ForUnknown;
    private readonly string _name = target?.Id ?? ReconcileLoops.UnknownTargets;
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];
    private int _giving;
    private bool _interrupted;

    /// <summary>Runs until stopped; then attempts that have begun are let finish, which their hard end bounds.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            heartbeats.Beat(_name);
            try
            {
                // What is left over has no free place: the end of an attempt wakes the loop, as a new command does.
                await ClaimAsync(removing: true, stopping);
                await ClaimAsync(removing: false, stopping);
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

    private async Task ClaimAsync(bool removing, CancellationToken stopping)
    {
        var free = Free(removing);
        if (free == 0)
        {
            return;
        }

        // Read before the claim is made, so that our hard end is never later than the one in the table.
        var started = clock.GetTimestamp();
        var claims = await store.ClaimAsync(target?.Id, known, removing, free, _limits.AttemptTimeout, stopping);
        foreach (var claim in claims)
        {
            Start(claim, new AttemptDeadline(clock, started, _limits.AttemptTimeout), giving: !removing, stopping);
        }
    }

    private int Free(bool removing)
    {
        lock (_lock)
        {
            var free = _limits.Concurrency - _running.Count;
            return removing ? free : Math.Max(0, Math.Min(free, _limits.Concurrency - 1 - _giving));
        }
    }

    private void Start(HoldingClaim claim, AttemptDeadline deadline, bool giving, CancellationToken stopping)
    {
        // Not cancelled by stopping: an attempt that has begun ends by itself, so that its outcome is known.
        var task = Task.Run(() => attempt.RunAsync(claim, target, deadline, stopping), CancellationToken.None);
        lock (_lock)
        {
            _running.Add(task);
            _giving += giving ? 1 : 0;
        }

        _ = task.ContinueWith(
            ended =>
            {
                lock (_lock)
                {
                    _running.Remove(ended);
                    _giving -= giving ? 1 : 0;
                }

                wakeups.Wake(_name);
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    private Task[] Running()
    {
        lock (_lock)
        {
            return [.. _running];
        }
    }
}
