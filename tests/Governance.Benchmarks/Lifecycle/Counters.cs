using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace Governance.Benchmarks.Lifecycle;

/// <summary>What the suite did to the disk and to the broker, by their own counters.</summary>
/// <param name="Transactions">Of the suite's databases, those that only read too.</param>
/// <param name="Commits">Transactions that wrote: only these are given a number.</param>
internal sealed record Counters(double Transactions, double Commits, double WalBytes, double Published, double StoredBytes)
{
    public static async Task<Counters> ReadAsync(LocalSuite suite)
    {
        // The statistics of both servers lag by up to a few seconds.
        await Task.Delay(TimeSpan.FromSeconds(6));
        await using var connection = new NpgsqlConnection(suite.Postgres("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            select (select sum(xact_commit) from pg_stat_database where datname like 'governance_%')::float8,
                   pg_snapshot_xmax(pg_current_snapshot())::text::float8,
                   (select wal_bytes from pg_stat_wal)::float8,
                   (select sum(pg_database_size(datname)) from pg_database where datname like 'governance_%')::float8
            """,
            connection
        );
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new Counters(
            reader.GetDouble(0),
            reader.GetDouble(1),
            reader.GetDouble(2),
            await PublishedAsync(suite),
            reader.GetDouble(3)
        );
    }

    public static Counters operator -(Counters a, Counters b) =>
        new(
            a.Transactions - b.Transactions,
            a.Commits - b.Commits,
            a.WalBytes - b.WalBytes,
            a.Published - b.Published,
            a.StoredBytes - b.StoredBytes
        );

    private static async Task<double> PublishedAsync(LocalSuite suite)
    {
        using var http = new HttpClient { BaseAddress = new Uri(suite.Management) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes(suite.RabbitUser + ":" + suite.RabbitPassword))
        );
        using var overview = JsonDocument.Parse(await http.GetStringAsync("/api/overview"));
        return overview.RootElement.GetProperty("message_stats").TryGetProperty("publish", out var publish) ? publish.GetDouble() : 0;
    }
}
