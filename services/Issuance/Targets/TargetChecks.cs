using System.Globalization;
using Governance.Connectors;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Governance.Issuance.Targets;

/// <summary>Looks at every target at start and at intervals, each by itself, so that one that hangs delays no other.</summary>
internal sealed class TargetChecks(
    TargetCatalog targets,
    TargetGuard guard,
    TimeProvider clock,
    IOptions<IssuanceOptions> options,
    ILogger<TargetChecks> logger
) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(targets.All.Select(target => RunAsync(target, stoppingToken)));

    private async Task RunAsync(Target target, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.PreflightInterval, clock);
        try
        {
            do
            {
                await CheckAsync(target, stoppingToken);
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task CheckAsync(Target target, CancellationToken stoppingToken)
    {
        using var limit = new CancellationTokenSource(target.Options.AttemptTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stoppingToken);
        try
        {
            await guard.CheckAsync(target, either.Token);
        }
        catch (ConnectorException)
        {
            // Told by the guard.
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            stoppingToken.ThrowIfCancellationRequested();
            if (e is OperationCanceledException)
            {
                guard.DidNotAnswer(
                    target.Id,
                    string.Create(CultureInfo.InvariantCulture, $"no answer within {target.Options.AttemptTimeout.TotalSeconds} s")
                );
            }

            logger.CheckInterrupted(target.Id, e.GetType().Name);
        }
#pragma warning disable CA1031 // A bug in a connector must not end the process; its text may hold anything, so only its type is told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            logger.CheckInterrupted(target.Id, e.GetType().Name);
        }
    }
}
