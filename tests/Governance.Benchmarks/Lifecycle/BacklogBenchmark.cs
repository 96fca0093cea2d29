using System.Globalization;
using Npgsql;

namespace Governance.Benchmarks.Lifecycle;

/// <summary>Many requests of few owners, all of them there at once: how long it takes until all are active, and that none is denied.</summary>
internal static class BacklogBenchmark
{
    public static async Task<int> RunAsync(BenchmarkOptions options, LocalSuite suite)
    {
        await using var catalog = new LoadCatalog(suite, options);
        await catalog.CreateRolesAsync();
        await catalog.PutAsync(hot: false);
        var run = "backlog-" + TimeProvider.System.GetUtcNow().ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);

        Console.WriteLine($"Warming up: {options.WarmUp} requests");
        await Burst.RunAsync(suite, options, catalog, run + "-w", options.WarmUp, window: 16, hot: false);

        Console.WriteLine($"Backlog: {options.Requests} requests of {options.Owners} owners at once, {options.Principals} principals");
        var (result, counters) = await LifecycleBenchmark.MeasuredBurstAsync(suite, options, catalog, run + "-b", hot: false);
        var (denied, evaluations) = await DecidedAsync(suite, run + "-b:%");
        Figures.Print("released to all active", Figures.Number(options.Requests / result.RequestsPerSecond) + " s");
        Figures.Print("evaluations per request", Figures.Number((double)evaluations / options.Requests, "F2"));
        Figures.Print("denied", denied.ToString(CultureInfo.InvariantCulture));

        var floor = Floor.Of(suite, counters, options.Requests, window: 128);
        Console.WriteLine($"Floor: {floor}");
        var floorRate = await floor.RequestsPerSecondAsync(Math.Max(500, options.Requests / 3));
        Figures.Print("floor", Figures.Number(options.Requests / floorRate) + " s for as many");
        Figures.Print("suite / floor", Figures.Number(result.RequestsPerSecond / floorRate, "F2"));
        return result.Failed + denied == 0 ? 0 : 1;
    }

    private static async Task<(long Denied, long Evaluations)> DecidedAsync(LocalSuite suite, string run)
    {
        await using var store = NpgsqlDataSource.Create(suite.Postgres("governance_lifecycle"));
        await using var command = store.CreateCommand(
            """
            with backlog as (select id, data from lifecycle.mt_doc_grant where data ->> 'requestId' like $1)
            select (select count(*) from backlog where data ->> 'currentState' = 'Denied'),
                   (select count(*) from lifecycle.mt_events e join backlog b on e.stream_id = b.id where e.type = 'evaluation-started.v1')
            """
        );
        command.Parameters.Add(new() { Value = run });
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }
}
