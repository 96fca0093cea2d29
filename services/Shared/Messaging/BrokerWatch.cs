using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Governance.Messaging;

/// <summary>Asks the broker every second, over a connection of its own, whether it takes messages.</summary>
/// <remarks>
/// The bus learns late that its broker is gone, in a service that only publishes not before it publishes, and never that the broker takes
/// nothing. A broker tells that only to a connection that publishes: so this one does, a message without content that no queue takes.
/// </remarks>
internal sealed partial class BrokerWatch(IOptions<BusOptions> options, TimeProvider clock, ILogger<BrokerWatch> logger) : BackgroundService
{
    private const string Nowhere = "governance.nowhere";
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private volatile string? _silent = "it was not asked yet";
    private volatile string? _blocked;
    private bool _mayPublish = true;

    /// <summary>Why the broker does not answer; null when it does.</summary>
    public string? Silent => _silent;

    /// <summary>Why the broker takes no messages, in its own words; null when it takes them.</summary>
    public string? Blocked => _blocked;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ConnectAndAskAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                IsSilent(Reason(e));
            }

            await Task.Delay(Period, clock, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task ConnectAndAskAsync(CancellationToken stoppingToken)
    {
        var factory = new ConnectionFactory
        {
            Uri = new Uri(options.Value.Url),
            ClientProvidedName = "governance-broker-watch",
            AutomaticRecoveryEnabled = false,
            RequestedHeartbeat = TimeSpan.FromSeconds(5),
        };
        using var limit = Limit(stoppingToken);
        var connection = await factory.CreateConnectionAsync(limit.Token).ConfigureAwait(false);
        try
        {
            connection.ConnectionBlockedAsync += (_, e) => Changed(() => IsBlocked(e.Reason));
            connection.ConnectionUnblockedAsync += (_, _) => Changed(() => _blocked = null);
            connection.ConnectionShutdownAsync += (_, e) => Changed(() => IsSilent(Reason(e)));
            await AskAsync(connection, stoppingToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // Now: what follows may wait for an answer in vain.
            IsSilent(Reason(e));
        }
        finally
        {
            await connection.AbortAsync(Period).ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task AskAsync(IConnection connection, CancellationToken stoppingToken)
    {
        IChannel? channel = null;
        while (true)
        {
            if (connection.CloseReason is { } closed)
            {
                throw new AlreadyClosedException(closed);
            }

            // While it is blocked the broker reads nothing: it says of itself when that is over, and heartbeats tell whether it is there.
            if (_blocked is null)
            {
                using var limit = Limit(stoppingToken);
                try
                {
                    channel ??= await connection
                        .CreateChannelAsync(
                            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
                            limit.Token
                        )
                        .ConfigureAwait(false);
                    if (_mayPublish)
                    {
                        await channel.BasicPublishAsync("", Nowhere, ReadOnlyMemory<byte>.Empty, limit.Token).ConfigureAwait(false);
                    }

                    _silent = null;
                }
                catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.AccessRefused)
                {
                    // An answer, too. It is not asked to refuse the same every second.
                    (_mayPublish, channel, _silent) = (false, null, null);
                }
                catch (OperationCanceledException) when (_blocked is not null && !stoppingToken.IsCancellationRequested)
                {
                    // It told that meanwhile.
                }
            }

            await Task.Delay(Period, clock, stoppingToken).ConfigureAwait(false);
        }
    }

    private static CancellationTokenSource Limit(CancellationToken stoppingToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(Patience);
        return limit;
    }

    private static Task Changed(Action change)
    {
        change();
        return Task.CompletedTask;
    }

    private void IsSilent(string reason) => (_silent, _blocked) = (reason, null);

    private void IsBlocked(string reason)
    {
        if (_blocked is null)
        {
            TakesNothing(logger, reason);
        }

        (_silent, _blocked) = (null, reason);
    }

    private static string Reason(Exception e) =>
        e switch
        {
            OperationCanceledException => FormattableString.Invariant($"no answer within {Patience.TotalSeconds} s"),
            OperationInterruptedException { ShutdownReason: { } reason } => Reason(reason),
            _ => e.GetBaseException().Message,
        };

    private static string Reason(ShutdownEventArgs e) => e.Exception?.GetBaseException().Message ?? e.ReplyText;

    [LoggerMessage(1017, LogLevel.Warning, "The broker takes no messages: {Reason}", EventName = "BrokerTakesNothing")]
    private static partial void TakesNothing(ILogger logger, string reason);
}
