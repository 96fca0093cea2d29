using Governance.Issuance.Holdings;
using Governance.Issuance.Reconciling;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Governance.Issuance.Answering;

/// <summary>Publishes what the attempt itself could not: its process died, the broker was away, or somebody asks again.</summary>
internal sealed class AnswerSweeper(
    HoldingStore store,
    Answers answers,
    Wakeups wakeups,
    Heartbeats heartbeats,
    TimeProvider clock,
    IOptions<IssuanceOptions> options,
    ILogger<AnswerSweeper> logger
) : BackgroundService
{
    public const string Sleeper = "(answers)";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interrupted = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            heartbeats.Beat(Sleeper);
            try
            {
                var pending = await store.ClaimAnswersAsync(stoppingToken);
                interrupted = false;
                await Task.WhenAll(pending.Select(p => PublishAsync(p, stoppingToken)));
                if (pending.Count > 0)
                {
                    continue;
                }
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
            {
                if (!interrupted)
                {
                    logger.AnswersInterrupted(e);
                }

                interrupted = true;
                await Task.Delay(options.Value.PollInterval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await wakeups.SleepAsync(Sleeper, options.Value.PollInterval, stoppingToken);
        }
    }

    private async Task PublishAsync(PendingAnswer pending, CancellationToken stoppingToken)
    {
        if (pending.Failed is { } failed)
        {
            await answers.PublishAsync(failed, stoppingToken);
        }

        if (pending.Observed is { } observed)
        {
            await answers.PublishAsync(observed, stoppingToken);
        }
    }
}
