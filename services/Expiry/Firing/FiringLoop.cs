using Governance.Expiry.Schema;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Governance.Expiry.Firing;

/// <summary>Sleeps until the next deadline is due, at most a poll interval long, or until a new one is notified; then fires what is due.</summary>
internal sealed class FiringLoop(
    DueDeadlines deadlines,
    FiringRound round,
    Wakeups wakeups,
    Heartbeat heartbeat,
    SchemaReady schema,
    TimeProvider clock,
    IOptions<ExpiryOptions> options,
    ILogger<FiringLoop> log
) : BackgroundService
{
    // What is due is held by another replica; it fires or fails within the publish timeout.
    private static readonly TimeSpan Contended = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private int _failures;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await TurnAsync(stoppingToken);
            }
            catch (Exception e)
                when (e is NpgsqlException or TimeoutException or InvalidOperationException && !stoppingToken.IsCancellationRequested)
            {
                log.FiringLoopFailed(e);
                await PauseAsync(stoppingToken);
            }
        }
    }

    private async Task TurnAsync(CancellationToken cancellationToken)
    {
        var wait = await deadlines.NextAsync(cancellationToken) is { } next ? next - clock.GetUtcNow() : TimeSpan.MaxValue;
        if (wait > TimeSpan.Zero)
        {
            Succeeded();
            await wakeups.WaitAsync(wait < options.Value.PollInterval ? wait : options.Value.PollInterval, cancellationToken);
            return;
        }

        var outcome = await round.RunAsync(cancellationToken);
        if (outcome.Fired < outcome.Claimed)
        {
            await PauseAsync(cancellationToken);
            return;
        }

        Succeeded();
        if (outcome.Claimed == 0)
        {
            await Task.Delay(Contended, clock, cancellationToken);
        }
    }

    private void Succeeded()
    {
        _failures = 0;
        heartbeat.Beat();
    }

    private Task PauseAsync(CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromMilliseconds(50 * Math.Pow(2, Math.Min(_failures++, 6)));
        return Task.Delay(pause < LongestPause ? pause : LongestPause, clock, cancellationToken);
    }
}
