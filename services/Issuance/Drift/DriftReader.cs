using Governance.Connectors;
using Governance.Issuance.Answering;
using Governance.Issuance.Reconciling;
using Governance.Issuance.Targets;
using Microsoft.Extensions.Options;
using Npgsql;
using Polly;

namespace Governance.Issuance.Drift;

/// <summary>
/// Reads again, one after another, what matched when it was last looked at. It changes nothing at the target: who took access away there may
/// have had a reason, and giving it again is for Lifecycle or an operator to ask.
/// </summary>
internal sealed class DriftReader(
    TargetCatalog targets,
    DriftStore store,
    Answers answers,
    IssuanceMetrics metrics,
    TimeProvider clock,
    IOptions<IssuanceOptions> options,
    ILogger<DriftReader> logger
) : BackgroundService
{
    private readonly IssuanceOptions _options = options.Value;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(targets.All.Select(target => RunAsync(target, stoppingToken)));

    private async Task RunAsync(Target target, CancellationToken stopping)
    {
        var interrupted = false;
        while (!stopping.IsCancellationRequested)
        {
            var pause = _options.PollInterval;
            try
            {
                if (!target.Circuit.IsOpen && await store.NextAsync(target.Id, stopping) is { } holding)
                {
                    await ReadAsync(target, holding, stopping);
                    pause = _options.ReadAgainSpacing;
                }

                interrupted = false;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
            {
                if (!interrupted)
                {
                    logger.DriftReaderInterrupted(e, target.Id);
                }

                interrupted = true;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(pause, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(Target target, SettledHolding holding, CancellationToken stopping)
    {
        var started = clock.GetTimestamp();
        if (await AskAsync(target, holding, stopping) is not { } now)
        {
            metrics.ReadAgain(target.Id, "not-read", clock.GetElapsedTime(started));
            return;
        }

        var (current, answer) = await store.RecordAsync(holding, now, stopping);
        var missing = holding.Missing(now);
        metrics.ReadAgain(
            target.Id,
            !current ? "overtaken"
                : missing.Count > 0 ? "missing"
                : "there",
            clock.GetElapsedTime(started)
        );
        if (current && missing.Count > 0 && holding.DiffersFrom(now))
        {
            logger.HoldingMissing(holding.Principal, holding.Entitlement, holding.Revision, target.Id, string.Join(", ", missing));
        }

        if (answer is not null)
        {
            await answers.PublishAsync(answer, stopping);
        }
    }

    // What can't be read now is read later; whatever has to happen there says what is wrong with the target.
    private async Task<ObservedHolding?> AskAsync(Target target, SettledHolding holding, CancellationToken stopping)
    {
        using var hardEnd = new CancellationTokenSource(target.Options.AttemptTimeout, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, hardEnd.Token);
        try
        {
            return await target
                .Pipeline.ExecuteAsync(
                    async ct => await target.Connector.ReadAsync(holding.Account, holding.Privilege, holding.Remembered, ct),
                    end.Token
                )
                .AsTask()
                .WaitAsync(end.Token);
        }
        catch (Exception e) when (e is ConnectorException or ExecutionRejectedException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return null;
        }
#pragma warning disable CA1031 // A bug in a connector must not end the service; its text may hold anything, so only its type is told.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            logger.AttemptBroke(holding.Principal, holding.Entitlement, e.GetType().FullName!);
            return null;
        }
    }
}
