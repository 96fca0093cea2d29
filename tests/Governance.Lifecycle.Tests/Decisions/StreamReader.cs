using System.Text.Json.Nodes;
using Governance.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Governance.Lifecycle.Tests.Decisions;

/// <summary>A SIEM: reads the decision stream from its first message, whenever it connects.</summary>
internal static class StreamReader
{
    /// <summary>Everything up to the message about which the condition holds.</summary>
    public static async Task<IReadOnlyList<JsonNode>> ReadAsync(string url, Func<IReadOnlyList<JsonNode>, bool> enough)
    {
        var read = new List<JsonNode>();
        await using var connection = await new ConnectionFactory { Uri = new Uri(url) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.BasicQosAsync(0, 200, global: false);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, e) =>
        {
            lock (read)
            {
                read.Add(JsonNode.Parse(e.Body.Span)!);
            }

            await channel.BasicAckAsync(e.DeliveryTag, multiple: false);
        };
        await channel.BasicConsumeAsync(
            "governance.decisions.log",
            autoAck: false,
            "",
            noLocal: false,
            exclusive: false,
            new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-stream-offset"] = "first" },
            consumer
        );
        return await Eventually.Until(
            () =>
            {
                lock (read)
                {
                    return Task.FromResult<IReadOnlyList<JsonNode>>([.. read]);
                }
            },
            all => enough(all),
            TimeSpan.FromSeconds(30)
        );
    }
}
