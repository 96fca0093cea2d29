using Governance.Issuance.Holdings;
using Npgsql;

namespace Governance.Issuance.Reconciling;

/// <summary>Wakes loops when a holding was raised, by whichever replica. Without it they poll.</summary>
internal sealed class WakeupListener(NpgsqlDataSource database, Wakeups wakeups, TimeProvider clock, ILogger<WakeupListener> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interrupted = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(() => interrupted = false, stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or InvalidOperationException)
            {
                if (!interrupted)
                {
                    logger.ListenerInterrupted(e);
                }

                interrupted = true;
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task ListenAsync(Action listening, CancellationToken stoppingToken)
    {
        await using var connection = await database.OpenConnectionAsync(stoppingToken);
        connection.Notification += (_, notification) =>
        {
            // A target of another installation's configuration, or something that is not for one loop alone.
            if (!wakeups.TryWake(notification.Payload))
            {
                wakeups.WakeAll();
            }
        };
        await using (var listen = new NpgsqlCommand("listen " + HoldingSql.Channel, connection))
        {
            await listen.ExecuteNonQueryAsync(stoppingToken);
        }

        // What was raised while nobody listened.
        wakeups.WakeAll();
        listening();
        while (true)
        {
            await connection.WaitAsync(stoppingToken);
        }
    }
}
