using System.Text;
using System.Text.Json;
using RabbitMQ.Client;

namespace Governance.Benchmarks.Lifecycle;

/// <summary>Publishes requests as an ITSM system would, with confirms, and remembers when each left.</summary>
internal sealed class Requests : IAsyncDisposable
{
    private const string Source = "https://itsm.example.com/servicenow";
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly string _run;

    private Requests(IConnection connection, IChannel channel, string run) => (_connection, _channel, _run) = (connection, channel, run);

    public static async Task<Requests> OpenAsync(LocalSuite suite, string run)
    {
        var connection = await new ConnectionFactory { Uri = new Uri(suite.ItsmAmqp) }.CreateConnectionAsync();
        return new Requests(connection, await connection.CreateChannelAsync(new CreateChannelOptions(true, true)), run);
    }

    /// <returns>The grant's id and the moment just before the publish.</returns>
    public async Task<(Guid Grant, DateTimeOffset At)> PublishAsync(int number, string principal, string requester, int seconds)
    {
        var id = $"{_run}:{number}";
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                specversion = "1.0",
                id,
                source = Source,
                type = "governance.access.requested.v1",
                datacontenttype = "application/json",
                data = new
                {
                    principal,
                    entitlement = LoadCatalog.Entitlement,
                    duration = $"PT{seconds}S",
                    justification = "load",
                    requester,
                    ticket = new
                    {
                        system = "servicenow",
                        key = id,
                        state = "approved",
                    },
                },
            }
        );
        var properties = new BasicProperties
        {
            ContentType = "application/cloudevents+json",
            Persistent = true,
            MessageId = id,
            UserId = "itsm",
        };
        var at = TimeProvider.System.GetUtcNow();
        await _channel.BasicPublishAsync("governance.requests", "governance.access.requested.v1", true, properties, body);
        return (NameBasedUuid.ForRequest(Source, id), at);
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
