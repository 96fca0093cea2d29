using Governance.Issuance.Holdings;
using Governance.Issuance.Targets;
using Governance.ServiceDefaults;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Governance.Issuance.Reconciling;

/// <summary>Finds removals that wait longer than any does, since the database's clock was set back: else they would wait until it has come that far again.</summary>
internal sealed class ClockRepair(
    HoldingStore store,
    TargetCatalog targets,
    TimeProvider clock,
    IOptions<IssuanceOptions> options,
    ILogger<ClockRepair> logger
) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly TargetOptions ForUnknown = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var limits = targets.All.Select(t => t.Options).Append(ForUnknown).ToList();
        var attempt = limits.Max(l => l.AttemptTimeout) + options.Value.ClaimMargin;
        var wait = 2 * (options.Value.MaxRemovalBackOff + limits.Max(l => l.BreakDuration) + attempt);
        using var timer = new PeriodicTimer(Period, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await RepairAsync(wait, attempt, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task RepairAsync(TimeSpan wait, TimeSpan attempt, CancellationToken cancellationToken)
    {
        try
        {
            if (await store.BringBackAsync(wait, attempt, cancellationToken) is > 0 and var count)
            {
                Telemetry.ClockSkew("database");
                logger.ClockWentBack(count);
            }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            // The readiness check of the database says so.
        }
    }
}
