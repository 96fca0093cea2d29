using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Messaging;
using Governance.Testing;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Governance.Contracts.Tests;

/// <summary>The suite's bus on one side of a broker, bare AMQP on the other.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private const string Typed = "typed";
    private readonly ConcurrentDictionary<Type, object> _received = new();
    private readonly WebApplication _app;
    private readonly string _url;
    private IConnection _connection = null!;
    private IChannel _channel = null!;

    private Wire(string url, IEnumerable<Type> messages)
    {
        _url = url;
        var builder = WebApplication.CreateBuilder(["--urls=http://127.0.0.1:0", "--Bus:Url=" + url]);
        builder.Logging.ClearProviders();
        builder.AddBus(
            endpoints: (_, bus) =>
                bus.SuiteEndpoint(
                    Typed,
                    e =>
                    {
                        foreach (var message in messages)
                        {
                            GetType()
                                .GetMethod(
                                    nameof(Handle),
                                    System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance
                                )!
                                .MakeGenericMethod(message)
                                .Invoke(this, [e]);
                        }
                    }
                )
        );
        _app = builder.Build();
    }

    public static async Task<Wire> StartAsync(IReadOnlyList<Type> messages)
    {
        var wire = new Wire(await SuiteServers.Current.CreateVirtualHostAsync("contracts"), messages);
        await wire._app.StartAsync();
        var control = wire._app.Services.GetRequiredService<IBusControl>();
        await Eventually.Until(
            () => Task.FromResult(control.CheckHealth().Status),
            Is.EqualTo(BusHealthStatus.Healthy),
            TimeSpan.FromSeconds(30)
        );
        wire._connection = await new ConnectionFactory { Uri = new Uri(wire._url) }.CreateConnectionAsync();
        wire._channel = await wire._connection.CreateChannelAsync();
        return wire;
    }

    /// <summary>Publishes as a service does, and reads the bytes behind the exchange of that name.</summary>
    public async Task<JsonNode> PublishAsync(object message, string exchange)
    {
        var queue = (await _channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true)).QueueName;
        await _channel.ExchangeDeclarePassiveAsync(exchange);
        await _channel.QueueBindAsync(queue, exchange, "");
        await _app.Services.GetRequiredService<IBus>().PublishMandatoryAsync(message, message.GetType(), Guid.NewGuid());
        var got = await Eventually.Until(() => _channel.BasicGetAsync(queue, autoAck: true), Is.Not.Null);
        return JsonNode.Parse(Encoding.UTF8.GetString(got!.Body.Span))!;
    }

    /// <summary>Puts bytes into a service's queue, and reads what its consumer gets.</summary>
    public async Task<object> ConsumeAsync(JsonNode envelope, Type message)
    {
        _received.TryRemove(message, out _);
        var properties = new BasicProperties { ContentType = "application/vnd.masstransit+json" };
        await _channel.BasicPublishAsync(Typed, "", mandatory: true, properties, Encoding.UTF8.GetBytes(envelope.ToJsonString()));
        return await Eventually.Until(() => Task.FromResult(_received.GetValueOrDefault(message)), Is.Not.Null)
            ?? throw new InvalidOperationException();
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await SuiteServers.Current.Management.DeleteVirtualHostAsync(new Uri(_url).AbsolutePath[1..]);
    }

    private void Handle<T>(IRabbitMqReceiveEndpointConfigurator e)
        where T : class
    {
        e.Bind<T>();
        e.Handler<T>(context =>
        {
            _received[typeof(T)] = context.Message;
            return Task.CompletedTask;
        });
    }
}
