using System.Collections.Concurrent;
using Governance.EndToEnd.Tests.Running;
using Governance.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Governance.EndToEnd.Tests.Chaos;

/// <summary>
/// Delays every message by up to five seconds and delivers some twice, without the services knowing: each queue is unbound from its exchange,
/// and a queue of the harness takes its place, from which messages go on to the original one. A message leaves the harness' queue only when
/// the broker has confirmed it for the original.
/// </summary>
internal sealed class ChaosTransport(Suite suite, int seed) : IAsyncDisposable
{
    private const string Prefix = "chaos.";
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RebindPeriod = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RestoreTimeout = TimeSpan.FromSeconds(30);
    private static readonly CreateChannelOptions Confirmed = new(
        publisherConfirmationsEnabled: true,
        publisherConfirmationTrackingEnabled: true,
        outstandingPublisherConfirmationsRateLimiter: null
    );
    private readonly ConcurrentDictionary<string, string> _routes = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly Random _random = new(seed);
    private readonly Lock _randomLock = new();
    private Task _running = Task.CompletedTask;
    private long _delayed;
    private long _doubled;

    public string Summary => $"{Interlocked.Read(ref _delayed)} messages delayed, {Interlocked.Read(ref _doubled)} of them delivered twice";

    public async Task StartAsync()
    {
        foreach (var queue in await SuiteServers.Current.Management.ListQueuesAsync(suite.VirtualHost))
        {
            // The suite's work queues have an exchange of the same name; the door's queue hangs on the exchange for requests.
            if (
                queue.Type == "quorum"
                && !queue.Name.EndsWith("_error", StringComparison.Ordinal)
                && !queue.Name.EndsWith("_skipped", StringComparison.Ordinal)
                && queue.Name is not ("governance.dead-letters" or "governance.intake.rejected")
            )
            {
                _routes[queue.Name] = queue.Name == "governance.intake.requests" ? "governance.requests" : queue.Name;
            }
        }

        Assert.That(_routes, Has.Count.GreaterThanOrEqualTo(7), "queues: " + string.Join(", ", _routes.Keys));
        _running = Task.Run(RunAsync);
    }

    /// <summary>Gives the original bindings back, then passes on what is still held.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var limit = new CancellationTokenSource(RestoreTimeout);
                await RestoreAsync(limit.Token);
                break;
            }
            catch (Exception e) when (attempt < 5)
            {
                suite.Journal.Note("the bindings could not be given back, again: " + e.Message);
            }
        }

        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            IConnection? connection = null;
            try
            {
                connection = await Amqp.ConnectAsync(suite.BusUrl, "test-chaos", _stop.Token);
                var forwarding = await connection.CreateChannelAsync(Confirmed, _stop.Token);
                var channel = await connection.CreateChannelAsync(cancellationToken: _stop.Token);
                await ConsumeAsync(channel, forwarding);
                while (channel.IsOpen && forwarding.IsOpen)
                {
                    // Services that start declare their bindings again.
                    await UnbindAsync(channel);
                    await Task.Delay(RebindPeriod, _stop.Token);
                }
            }
            catch (Exception)
            {
                // Stopped, or cut: what is held goes back to its queue either way.
                await Task.Delay(RebindPeriod, CancellationToken.None);
            }

            await CloseAsync(connection);
        }
    }

    // Not closed in an orderly way: that would wait for everything that is held.
    private static async Task CloseAsync(IConnection? connection)
    {
        if (connection is not null)
        {
            await connection.AbortAsync(200, "done", TimeSpan.FromSeconds(2));
        }
    }

    private async Task ConsumeAsync(IChannel channel, IChannel forwarding)
    {
        foreach (var (queue, exchange) in _routes)
        {
            await channel.QueueDeclareAsync(
                Prefix + queue,
                durable: true,
                exclusive: false,
                autoDelete: false,
                cancellationToken: _stop.Token
            );
            await channel.QueueBindAsync(Prefix + queue, exchange, RoutingKey(queue), cancellationToken: _stop.Token);
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, delivery) =>
            {
                var copy = (new BasicProperties(delivery.BasicProperties), delivery.Body.ToArray());
                _ = ForwardAsync(channel, forwarding, queue, delivery.DeliveryTag, copy);
                return Task.CompletedTask;
            };
            await channel.BasicConsumeAsync(Prefix + queue, autoAck: false, consumer, _stop.Token);
        }
    }

    private async Task UnbindAsync(IChannel channel)
    {
        foreach (var (queue, exchange) in _routes)
        {
            await channel.QueueUnbindAsync(queue, exchange, RoutingKey(queue), cancellationToken: _stop.Token);
        }
    }

    private async Task ForwardAsync(
        IChannel channel,
        IChannel forwarding,
        string queue,
        ulong tag,
        (BasicProperties Properties, byte[] Body) message
    )
    {
        try
        {
            var times = Roll() < 0.2 ? 2 : 1;
            for (var i = 0; i < times; i++)
            {
                // Mostly short, so that enough happens; the longest are as long as promised.
                await Task.Delay(Longest * Math.Pow(Roll(), 3), _stop.Token);
                await forwarding.BasicPublishAsync("", queue, mandatory: true, message.Properties, message.Body, _stop.Token);
            }

            await channel.BasicAckAsync(tag, multiple: false, _stop.Token);
            Interlocked.Increment(ref _delayed);
            Interlocked.Add(ref _doubled, times - 1);
        }
        catch (Exception)
        {
            // Not acknowledged: the broker has it still.
        }
    }

    private async Task RestoreAsync(CancellationToken cancellationToken)
    {
        await using var connection = await Amqp.ConnectAsync(suite.BusUrl, "test-chaos", cancellationToken);
        await using var channel = await connection.CreateChannelAsync(Confirmed, cancellationToken);
        foreach (var (queue, exchange) in _routes)
        {
            await channel.QueueBindAsync(queue, exchange, RoutingKey(queue), cancellationToken: cancellationToken);
            await channel.QueueDeclareAsync(
                Prefix + queue,
                durable: true,
                exclusive: false,
                autoDelete: false,
                cancellationToken: cancellationToken
            );
            await channel.QueueUnbindAsync(Prefix + queue, exchange, RoutingKey(queue), cancellationToken: cancellationToken);
            while (await channel.BasicGetAsync(Prefix + queue, autoAck: false, cancellationToken) is { } held)
            {
                await channel.BasicPublishAsync(
                    "",
                    queue,
                    mandatory: true,
                    new BasicProperties(held.BasicProperties),
                    held.Body.ToArray(),
                    cancellationToken
                );
                await channel.BasicAckAsync(held.DeliveryTag, multiple: false, cancellationToken);
            }

            await channel.QueueDeleteAsync(Prefix + queue, ifUnused: false, ifEmpty: true, cancellationToken: cancellationToken);
        }
    }

    private static string RoutingKey(string queue) => queue == "governance.intake.requests" ? "#" : "";

    private double Roll()
    {
        lock (_randomLock)
        {
            return _random.NextDouble();
        }
    }
}
