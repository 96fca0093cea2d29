using Governance.Issuance.Holdings;
using Governance.Issuance.Targets;
using Microsoft.Extensions.Options;

namespace Governance.Issuance.Reconciling;

/// <summary>Runs a loop for each target, so that none waits for another, and one for holdings at targets that nobody configured.</summary>
internal sealed class ReconcileLoops(
    TargetCatalog targets,
    HoldingStore store,
    ProbeGate probes,
    Attempt attempt,
    Wakeups wakeups,
    Heartbeats heartbeats,
    TimeProvider clock,
    IOptions<IssuanceOptions> options,
    ILogger<ReconcileLoop> logger
) : BackgroundService
{
    /// <summary>Name of the loop for targets that are not configured; no target has an empty id.</summary>
    public const string UnknownTargets = "(unknown targets)";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string[] known = [.. targets.All.Select(t => t.Id)];
        try
        {
            // A process that begins may have another configuration, and what failed need not wait to find out.
            await store.RetryFailedAsync(known, stoppingToken);
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException)
        {
            logger.LoopInterrupted(e, UnknownTargets);
        }

        await Task.WhenAll(
            targets
                .All.Append<Target?>(null)
                .Select(target =>
                    new ReconcileLoop(target, known, store, probes, attempt, wakeups, heartbeats, clock, options.Value, logger).RunAsync(
                        stoppingToken
                    )
                )
        );
    }
}
