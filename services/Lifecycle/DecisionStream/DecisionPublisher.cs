using Governance.Messaging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace Governance.Lifecycle.DecisionStream;

/// <summary>
/// The exchange <c>governance.decisions</c> and the stream queue <c>governance.decisions.log</c> behind it, which a SIEM that connects later
/// reads from the start. A channel of its own, since the order on the wire is the promise here.
/// </summary>
internal sealed class DecisionPublisher(IOptions<BusOptions> options) : IAsyncDisposable
{
    public const string Exchange = "governance.decisions";
    public const string Log = "governance.decisions.log";

    private static readonly TimeSpan Timeout = Publishing.Timeout;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private IConnection? _connection;
    private IChannel? _channel;

    /// <summary>Publishes, mandatory and persistent, and waits for the confirm.</summary>
    public async Task PublishAsync(DecisionMessage message, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        await _gate.WaitAsync(timeout.Token);
        try
        {
            var channel = await ChannelAsync(timeout.Token);
            var properties = new BasicProperties
            {
                ContentType = "application/cloudevents+json",
                MessageId = message.Id.ToString(),
                Type = message.Type,
                Timestamp = new AmqpTimestamp(message.Time.ToUnixTimeSeconds()),
                Persistent = true,
                AppId = "governance",
            };
            if (message.TraceParent is not null)
            {
                properties.Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { ["traceparent"] = message.TraceParent };
            }

            await channel.BasicPublishAsync(Exchange, message.Type, mandatory: true, properties, message.Body, timeout.Token);
        }
        catch
        {
            await CloseAsync();
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _gate.Dispose();
    }

    private async Task<IChannel> ChannelAsync(CancellationToken cancellationToken)
    {
        if (_channel is { IsOpen: true })
        {
            return _channel;
        }

        await CloseAsync();
        var factory = new ConnectionFactory
        {
            Uri = new Uri(options.Value.Url),
            ClientProvidedName = "governance-decisions",
            AutomaticRecoveryEnabled = false,
            RequestedHeartbeat = TimeSpan.FromSeconds(5),
        };
        _connection = await factory.CreateConnectionAsync(cancellationToken);
        _channel = await _connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
            cancellationToken
        );
        await _channel.ExchangeDeclareAsync(Exchange, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);
        await _channel.QueueDeclareAsync(
            Log,
            durable: true,
            exclusive: false,
            autoDelete: false,
            new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["x-queue-type"] = "stream",
                ["x-max-length-bytes"] = 20_000_000_000L,
                ["x-stream-max-segment-size-bytes"] = 100_000_000L,
            },
            cancellationToken: cancellationToken
        );
        await _channel.QueueBindAsync(Log, Exchange, "#", cancellationToken: cancellationToken);
        return _channel;
    }

    private async Task CloseAsync()
    {
        var (channel, connection) = (_channel, _connection);
        (_channel, _connection) = (null, null);
        if (channel is not null)
        {
            await channel.DisposeAsync();
        }

        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }
}
