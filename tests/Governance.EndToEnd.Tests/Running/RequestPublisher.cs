using System.Text;
using RabbitMQ.Client;

namespace Governance.EndToEnd.Tests.Running;

/// <summary>Publishes requests as an ITSM system would, again and again until the broker has confirmed that a queue took them.</summary>
internal sealed class RequestPublisher(string url) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private IConnection? _connection;
    private IChannel? _channel;

    /// <param name="body">The CloudEvent.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="traceParent">The sender's trace.</param>
    /// <param name="signed">Names the connection's user as the sender, which the broker checks.</param>
    public async Task PublishAsync(string body, CancellationToken cancellationToken, string? traceParent = null, bool signed = false)
    {
        while (true)
        {
            try
            {
                await TryAsync(body, traceParent, signed, cancellationToken);
                return;
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    /// <summary>The broker's user that a connection by this address has.</summary>
    public static string UserOf(string url) => Uri.UnescapeDataString(new Uri(url).UserInfo.Split(':')[0]);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _gate.Dispose();
    }

    private async Task TryAsync(string body, string? traceParent, bool signed, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            bound.CancelAfter(TimeSpan.FromSeconds(5));
            var channel = await ChannelAsync(bound.Token);
            var properties = new BasicProperties { ContentType = "application/cloudevents+json", Persistent = true };
            if (signed)
            {
                properties.UserId = UserOf(url);
            }

            if (traceParent is not null)
            {
                properties.Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { ["traceparent"] = traceParent };
            }

            await channel.BasicPublishAsync(
                "governance.requests",
                "test",
                mandatory: true,
                properties,
                Encoding.UTF8.GetBytes(body),
                bound.Token
            );
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

    private async Task<IChannel> ChannelAsync(CancellationToken cancellationToken)
    {
        if (_channel is { IsOpen: true })
        {
            return _channel;
        }

        await CloseAsync();
        _connection = await Amqp.ConnectAsync(url, "test-publisher", cancellationToken);
        return _channel = await _connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
            cancellationToken
        );
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

internal static class Amqp
{
    public static Task<IConnection> ConnectAsync(string url, string name, CancellationToken cancellationToken) =>
        new ConnectionFactory
        {
            Uri = new Uri(url),
            ClientProvidedName = name,
            AutomaticRecoveryEnabled = false,
            RequestedHeartbeat = TimeSpan.FromSeconds(5),
        }.CreateConnectionAsync(cancellationToken);
}
