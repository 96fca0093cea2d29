using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;

namespace Governance.Intake.Tests.Running;

/// <summary>A plain client, as an ITSM system has one.</summary>
internal sealed class AmqpClient : IAsyncDisposable
{
    private const string LifecycleRequests = "test.lifecycle.requests";
    private const string LifecycleRefusals = "test.lifecycle.refusals";
    private const string LifecycleTickets = "test.lifecycle.tickets";

    private readonly IConnection _connection;
    private readonly IChannel _channel;

    private AmqpClient(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    public static async Task<AmqpClient> ConnectAsync(string url)
    {
        var connection = await new ConnectionFactory { Uri = new Uri(url), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
        return new AmqpClient(connection, await connection.CreateChannelAsync(new CreateChannelOptions(true, true)));
    }

    /// <summary>Where the messages for Lifecycle go, before there is one.</summary>
    public async Task DeclareLifecycleQueuesAsync()
    {
        foreach (
            var (exchange, queue) in new[]
            {
                ("governance.intake.access-requested.v1", LifecycleRequests),
                ("governance.intake.access-refused.v1", LifecycleRefusals),
                ("governance.intake.ticket-changed.v1", LifecycleTickets),
            }
        )
        {
            await _channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
            await _channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
            await _channel.QueueBindAsync(queue, exchange, "");
        }
    }

    public async Task PublishAsync(byte[] body, Action<BasicProperties>? properties = null, string routingKey = "servicenow.ritm")
    {
        var message = new BasicProperties { ContentType = "application/cloudevents+json", DeliveryMode = DeliveryModes.Persistent };
        properties?.Invoke(message);
        await _channel.BasicPublishAsync("governance.requests", routingKey, mandatory: true, message, body);
    }

    /// <summary>Takes refused messages from the dead-letter queue until there are so many.</summary>
    public Task<IReadOnlyList<RejectedMessage>> TakeRejectedAsync(int count) =>
        TakeAsync("governance.intake.rejected", count, m => new RejectedMessage(m));

    public async Task<IReadOnlyList<JsonObject>> TakeRequestedAsync(int count) => await TakeAsync(LifecycleRequests, count, Message);

    public async Task<IReadOnlyList<JsonObject>> TakeRefusedAsync(int count) => await TakeAsync(LifecycleRefusals, count, Message);

    public async Task<IReadOnlyList<JsonObject>> TakeTicketsAsync(int count) => await TakeAsync(LifecycleTickets, count, Message);

    public async Task<uint> CountAsync(string queue) => await _channel.MessageCountAsync(queue);

    public Task<uint> CountRequestedAsync() => CountAsync(LifecycleRequests);

    public Task<uint> CountTicketsAsync() => CountAsync(LifecycleTickets);

    public Task<uint> CountRejectedAsync() => CountAsync("governance.intake.rejected");

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static JsonObject Message(BasicGetResult got) => (JsonObject)JsonNode.Parse(got.Body.Span)!["message"]!;

    private async Task<IReadOnlyList<T>> TakeAsync<T>(string queue, int count, Func<BasicGetResult, T> read)
    {
        var taken = new List<T>();
        await Testing.Eventually.Until(
            async () =>
            {
                while (await _channel.BasicGetAsync(queue, autoAck: true) is { } got)
                {
                    taken.Add(read(got));
                }

                return taken.Count;
            },
            Is.GreaterThanOrEqualTo(count),
            TimeSpan.FromSeconds(60)
        );
        return taken;
    }
}

/// <summary>A message of the dead-letter queue.</summary>
internal sealed class RejectedMessage(BasicGetResult got)
{
    public byte[] Body { get; } = got.Body.ToArray();

    public string RoutingKey { get; } = got.RoutingKey;

    public IReadOnlyBasicProperties Properties { get; } = new BasicProperties(got.BasicProperties);

    public string? Header(string name) =>
        Properties.Headers!.TryGetValue(name, out var value) && value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;

    public IReadOnlyList<(string Field, string Code)> Errors =>
        [
            .. ((JsonArray)JsonNode.Parse(Header("governance-errors")!)!).Select(e =>
                (e!["field"]!.GetValue<string>(), e["code"]!.GetValue<string>())
            ),
        ];
}
