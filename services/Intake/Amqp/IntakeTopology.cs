using Governance.Messaging;
using RabbitMQ.Client;

namespace Governance.Intake.Amqp;

/// <summary>Exchanges and queues at the door. Arguments of a queue can't change later.</summary>
internal static class IntakeTopology
{
    public const string Requests = "governance.requests";
    public const string RequestQueue = "governance.intake.requests";
    public const string Rejected = "governance.intake.rejected";

    public static async Task DeclareAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(Requests, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(Rejected, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        await DeclareQueueAsync(channel, Rejected, new Dictionary<string, object?>(StringComparer.Ordinal), cancellationToken);
        await channel.QueueBindAsync(Rejected, Rejected, "", cancellationToken: cancellationToken);
        await DeclareQueueAsync(channel, RequestQueue, WithDeadLetters(), cancellationToken);
        await channel.QueueBindAsync(RequestQueue, Requests, "#", cancellationToken: cancellationToken);
    }

    // What took Intake down again and again leaves at last without a reason header, by the broker's hand; at least once, not at most.
    private static Dictionary<string, object?> WithDeadLetters() =>
        new(StringComparer.Ordinal)
        {
            ["x-delivery-limit"] = BusExtensions.DeliveryLimit,
            ["x-dead-letter-exchange"] = Rejected,
            ["x-dead-letter-strategy"] = "at-least-once",
            ["x-overflow"] = "reject-publish",
        };

    private static Task<QueueDeclareOk> DeclareQueueAsync(
        IChannel channel,
        string name,
        Dictionary<string, object?> arguments,
        CancellationToken cancellationToken
    )
    {
        arguments["x-queue-type"] = "quorum";
        return channel.QueueDeclareAsync(
            name,
            durable: true,
            exclusive: false,
            autoDelete: false,
            arguments,
            cancellationToken: cancellationToken
        );
    }
}
