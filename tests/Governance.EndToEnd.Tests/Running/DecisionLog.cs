using System.Globalization;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Governance.EndToEnd.Tests.Running;

/// <summary>A message of the decision stream.</summary>
internal sealed record DecisionLogEntry(
    string Id,
    string Type,
    string Subject,
    long Sequence,
    long Previous,
    string? TraceParent,
    string Body
);

/// <summary>Replays the decision stream from its start, as a SIEM that connects later does.</summary>
internal static class DecisionLog
{
    private const string Queue = "governance.decisions.log";
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    public static async Task<IReadOnlyList<DecisionLogEntry>> ReadAsync(string url)
    {
        await using var connection = await Amqp.ConnectAsync(url, "test-siem", CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        await channel.BasicQosAsync(0, 500, global: false);
        var entries = System.Threading.Channels.Channel.CreateUnbounded<DecisionLogEntry>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            entries.Writer.TryWrite(Parse(delivery.Body));
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
        };
        await channel.BasicConsumeAsync(
            Queue,
            autoAck: false,
            "",
            new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-stream-offset"] = "first" },
            consumer
        );

        var read = new List<DecisionLogEntry>();
        while (true)
        {
            using var quiet = new CancellationTokenSource(Quiet);
            try
            {
                read.Add(await entries.Reader.ReadAsync(quiet.Token));
            }
            catch (OperationCanceledException)
            {
                return read;
            }
        }
    }

    private static DecisionLogEntry Parse(ReadOnlyMemory<byte> body)
    {
        var root = JsonDocument.Parse(body.ToArray()).RootElement;
        return new DecisionLogEntry(
            root.GetProperty("id").GetString()!,
            root.GetProperty("type").GetString()!,
            root.GetProperty("subject").GetString()!,
            Number(root, "sequence"),
            Number(root, "prevsequence"),
            root.TryGetProperty("traceparent", out var trace) ? trace.GetString() : null,
            root.GetRawText()
        );
    }

    private static long Number(JsonElement root, string member) =>
        long.Parse(root.GetProperty(member).GetString()!, CultureInfo.InvariantCulture);
}
