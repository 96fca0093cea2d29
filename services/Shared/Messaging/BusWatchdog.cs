using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Governance.Messaging;

/// <summary>Ends the process when its bus stays away from a broker that answers others.</summary>
/// <remarks>
/// A connection that breaks while queues are declared can leave the start of the bus hanging for good, told to nobody: the process would
/// live on and consume nothing. A broker that does not answer is no reason to end: the bus waits for it.
/// </remarks>
internal sealed partial class BusWatchdog(
    IBusControl bus,
    IOptions<BusOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<BusWatchdog> logger
) : BackgroundService
{
    private const int Failure = 70;
    private const int LooksBeforeEnding = 6;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var away = 0;
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            var health = bus.CheckHealth();
            away = health.Status != BusHealthStatus.Healthy && await BrokerAnswersAsync(stoppingToken).ConfigureAwait(false) ? away + 1 : 0;
            if (away >= LooksBeforeEnding)
            {
                StaysAway(logger, health.Description);
                Environment.ExitCode = Failure;
                lifetime.StopApplication();
                return;
            }
        }
    }

    private async Task<bool> BrokerAnswersAsync(CancellationToken stoppingToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(Period);
        try
        {
            var factory = new ConnectionFactory
            {
                Uri = new Uri(options.Value.Url),
                ClientProvidedName = "governance-watchdog",
                AutomaticRecoveryEnabled = false,
            };
            var connection = await factory.CreateConnectionAsync(limit.Token).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                return connection.IsOpen;
            }
        }
        catch (Exception e)
            when (e is BrokerUnreachableException or OperationInterruptedException or OperationCanceledException or IOException
                && !stoppingToken.IsCancellationRequested
            )
        {
            return false;
        }
    }

    [LoggerMessage(
        1013,
        LogLevel.Critical,
        "The broker answers, but the bus stays away ({Description}): ending this process",
        EventName = "BusStaysAway"
    )]
    private static partial void StaysAway(ILogger logger, string description);
}
