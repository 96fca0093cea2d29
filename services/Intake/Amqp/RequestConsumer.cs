using Governance.Messaging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            Exception? cause = null;
            var reason = "the broker can't be reached";
            try
            {
                reason = await ConsumeAsync(stoppingToken);
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
            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Why it ended.</returns>
    private async Task<string> ConsumeAsync(CancellationToken stoppingToken)
    {
        await using var connection = await Factory().CreateConnectionAsync("governance-intake", stoppingToken);
        await using var rejections = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
            stoppingToken
        );
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(
                publisherConfirmationsEnabled: false,
                publisherConfirmationTrackingEnabled: false,
                consumerDispatchConcurrency: Concurrency
            ),
            stoppingToken
        );
        await IntakeTopology.DeclareAsync(channel, stoppingToken);
        await channel.BasicQosAsync(0, Concurrency, global: false, stoppingToken);

        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionShutdownAsync += (_, e) => End(ended, e.ReplyText);
        channel.ChannelShutdownAsync += (_, e) => End(ended, e.ReplyText);
        rejections.ChannelShutdownAsync += (_, e) => End(ended, e.ReplyText);
        using var attached = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.UnregisteredAsync += (_, _) => End(ended, "the broker cancelled the consumer");
        consumer.ReceivedAsync += (_, delivery) => handler.HandleAsync(channel, rejections, delivery, attached.Token);
        await channel.BasicConsumeAsync(IntakeTopology.RequestQueue, autoAck: false, consumer, stoppingToken);
        state.Attached();
        Log.Attached(logger, IntakeTopology.RequestQueue);
        try
        {
            return await ended.Task.WaitAsync(stoppingToken);
        }
        finally
        {
            // Messages that are held let go; the broker gives them to the next consumer.
            await attached.CancelAsync();
        }
    }

    private static Task End(TaskCompletionSource<string> ended, string reason)
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
