using Npgsql;

namespace Governance.Expiry.Firing;

internal sealed class WakeupListener(NpgsqlDataSource database, Wakeups wakeups, TimeProvider clock, ILogger<WakeupListener> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception e)
                when (e is NpgsqlException or TimeoutException or InvalidOperationException && !stoppingToken.IsCancellationRequested)
            {
                log.ListeningFailed(e);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken);
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        connection.Notification += (_, _) => wakeups.Signal();
        await using var listen = new NpgsqlCommand("listen " + Wakeups.Channel, connection);
        await listen.ExecuteNonQueryAsync(cancellationToken);
        wakeups.Signal();
        while (true)
        {
            await connection.WaitAsync(cancellationToken);
        }
    }
}
