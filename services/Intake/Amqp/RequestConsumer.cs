using Governance.Messaging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Governance.Intake.Amqp;

/// <summary>Keeps a consumer attached to the request queue, whatever happens to the broker.</summary>
/// <remarks>A bare client, since outsiders' messages carry no envelope of the bus library, and must never meet its error handling.</remarks>
internal sealed class RequestConsumer(
    IOptions<BusOptions> bus,
    DeliveryHandler handler,
    ConsumerState state,
    TimeProvider clock,
    ILogger<RequestConsumer> logger
) : BackgroundService
{
    private const ushort Concurrency = 16;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The client hangs up on a message whose properties it can't decode, and whatever was given with it comes again as well. One at a time,
        // only that one uses up its deliveries, and soon: then the broker puts it into the rejected queue.
        var oneByOne = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            Exception? cause = null;
            var (reason, undecodable) = ("the broker can't be reached", false);
            try
            {
                if (await ConsumeAsync(oneByOne, stoppingToken) is not { } end)
                {
                    oneByOne = false;
                    continue;
                }

                (reason, undecodable) = (end.ReplyText, IsUndecodable(end));
            }
            catch (OperationInterruptedException e) when (IsUndecodable(e.ShutdownReason))
            {
                (reason, undecodable) = (e.ShutdownReason!.ReplyText, true);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever ends the connection, the answer is to connect again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                cause = e;
            }

            state.Detached(reason);
            Log.Detached(logger, cause, IntakeTopology.RequestQueue, reason);
            oneByOne |= undecodable;
            await Task.Delay(undecodable ? ShortPause : Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static bool IsUndecodable(ShutdownEventArgs? end) =>
        end is { Initiator: ShutdownInitiator.Library, ReplyCode: Constants.SyntaxError };

    /// <returns>Why it ended; null when messages that were taken one by one could all be decoded for a while.</returns>
    private async Task<ShutdownEventArgs?> ConsumeAsync(bool oneByOne, CancellationToken stoppingToken)
    {
        var connection = await Factory().CreateConnectionAsync("governance-intake", stoppingToken);
        try
        {
            return await ConsumeAsync(connection, oneByOne, stoppingToken);
        }
        finally
        {
            // One that broke waits long for its peer, which has its messages back already.
            var patience = connection.IsOpen ? Patience : ShortPause;
            await Task.WhenAny(connection.DisposeAsync().AsTask(), Task.Delay(patience, clock, CancellationToken.None));
        }
    }

    private async Task<ShutdownEventArgs?> ConsumeAsync(IConnection connection, bool oneByOne, CancellationToken stoppingToken)
    {
        var rejections = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
            stoppingToken
        );
        var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(
                publisherConfirmationsEnabled: false,
                publisherConfirmationTrackingEnabled: false,
                consumerDispatchConcurrency: Concurrency
            ),
            stoppingToken
        );
        await IntakeTopology.DeclareAsync(channel, stoppingToken);
        await channel.BasicQosAsync(0, oneByOne ? (ushort)1 : Concurrency, global: false, stoppingToken);

        var ended = new TaskCompletionSource<ShutdownEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionShutdownAsync += (_, e) => End(ended, e);
        channel.ChannelShutdownAsync += (_, e) => End(ended, e);
        rejections.ChannelShutdownAsync += (_, e) => End(ended, e);
        using var attached = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.UnregisteredAsync += (_, _) =>
            End(ended, new ShutdownEventArgs(ShutdownInitiator.Peer, 0, "the broker cancelled the consumer"));
        consumer.ReceivedAsync += (_, delivery) => handler.HandleAsync(channel, rejections, delivery, attached.Token);
        await channel.BasicConsumeAsync(IntakeTopology.RequestQueue, autoAck: false, consumer, stoppingToken);
        state.Attached();
        Log.Attached(logger, IntakeTopology.RequestQueue);
        try
        {
            return oneByOne ? await ended.Task.WaitAsync(Calm, clock, stoppingToken) : await ended.Task.WaitAsync(stoppingToken);
        }
        catch (TimeoutException) when (oneByOne)
        {
            return null;
        }
        finally
        {
            // Messages that are held let go; the broker gives them to the next consumer.
            await attached.CancelAsync();
        }
    }

    private static Task End(TaskCompletionSource<ShutdownEventArgs> ended, ShutdownEventArgs reason)
    {
        ended.TrySetResult(reason);
        return Task.CompletedTask;
    }

    private ConnectionFactory Factory() =>
        new()
        {
            Uri = new Uri(bus.Value.Url),
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedHeartbeat = TimeSpan.FromSeconds(5),
            // The broker bounds messages. A client that refuses a larger one by hanging up would meet it again for ever.
            MaxInboundMessageBodySize = int.MaxValue,
        };
}
