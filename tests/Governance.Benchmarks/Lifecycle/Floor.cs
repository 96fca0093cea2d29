using System.Diagnostics;
using System.Globalization;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Governance.Benchmarks.Lifecycle;

/// <summary>As many durable commits and confirmed, consumed quorum-queue messages per request as the suite made, and nothing else.</summary>
internal sealed class Floor(LocalSuite suite, int commitsPerRequest, int messagesPerRequest, int bytesPerCommit, int window)
{
    private const string Queue = "governance-benchmark-floor";

    /// <summary>What a request cost, by what was counted.</summary>
    public static Floor Of(LocalSuite suite, Counters counted, int requests, int window) =>
        new(
            suite,
            Math.Max(1, (int)Math.Round(counted.Commits / requests)),
            Math.Max(1, (int)Math.Round(counted.Published / requests)),
            Math.Clamp((int)(counted.WalBytes / counted.Commits), 100, 8000),
            window
        );

    public async Task<double> RequestsPerSecondAsync(int requests)
    {
        await using var admin = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(suite.Postgres("postgres")) { NoResetOnClose = true, MaxAutoPrepare = 10 }
        );
        await ExecuteAsync(
            admin,
            "drop table if exists benchmark_floor; create table benchmark_floor (id bigserial primary key, body bytea not null)"
        );
        await using var connection = await new ConnectionFactory { Uri = new Uri(suite.Amqp) }.CreateConnectionAsync();
        await using var consuming = await ConsumeAsync(connection);
        var payload = new byte[bytesPerCommit];
        Random.Shared.NextBytes(payload);
        var next = 0;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(
            Enumerable
                .Range(0, window)
                .Select(async _ =>
                {
                    await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
                    while (Interlocked.Increment(ref next) <= requests)
                    {
                        await OneAsync(admin, channel, payload);
                    }
                })
        );
        var took = Stopwatch.GetElapsedTime(started);
        await consuming.QueueDeleteAsync(Queue);
        await ExecuteAsync(admin, "drop table benchmark_floor");
        return requests / took.TotalSeconds;
    }

    private async Task OneAsync(NpgsqlDataSource database, IChannel channel, byte[] payload)
    {
        for (var i = 0; i < Math.Max(commitsPerRequest, messagesPerRequest); i++)
        {
            if (i < commitsPerRequest)
            {
                await using var command = database.CreateCommand("insert into benchmark_floor (body) values ($1)");
                command.Parameters.Add(new() { Value = payload });
                await command.ExecuteNonQueryAsync();
            }

            if (i < messagesPerRequest)
            {
                await channel.BasicPublishAsync(
                    "",
                    Queue,
                    true,
                    new BasicProperties { Persistent = true },
                    payload.AsMemory(0, Math.Min(1500, payload.Length))
                );
            }
        }
    }

    private static async Task<IChannel> ConsumeAsync(IConnection connection)
    {
        var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync(
            Queue,
            true,
            false,
            false,
            new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "quorum" }
        );
        await channel.BasicQosAsync(0, 64, false);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) => await channel.BasicAckAsync(delivery.DeliveryTag, false);
        await channel.BasicConsumeAsync(Queue, false, consumer);
        return channel;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{commitsPerRequest} commits of {bytesPerCommit} bytes and {messagesPerRequest} confirmed messages a request, {window} at once"
        );
}
