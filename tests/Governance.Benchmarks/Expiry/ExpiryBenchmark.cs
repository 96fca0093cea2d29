using System.Globalization;
using Governance.Benchmarks.Lifecycle;
using Governance.Benchmarks.Revocation;
using Npgsql;

namespace Governance.Benchmarks.Expiry;

/// <summary>How late access is gone from the target: steadily, beside a million other deadlines, and when much of it ends at once.</summary>
internal static class ExpiryBenchmark
{
    private const string Kind = "benchmark";

    public static async Task<int> RunAsync(BenchmarkOptions options, LocalSuite suite)
    {
        await using var catalog = new LoadCatalog(suite, options);
        await catalog.CreateRolesAsync();
        await catalog.PutAsync(hot: false);
        var run = "expiry-" + TimeProvider.System.GetUtcNow().ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
        Console.WriteLine($"Warming up: {options.WarmUp} requests");
        var warm = await Burst.RunAsync(suite, options, catalog, run + "-w", options.WarmUp, options.Window, hot: false);
        var ends = new Ends(suite, options, catalog, warm.RequestsPerSecond);

        Console.WriteLine($"Steady: {options.Requests} grants, {options.Rate} ends a second");
        var unended = await ends.MeasureAsync(run + "-s", options.Requests, options.Rate);

        Console.WriteLine($"The same beside {options.Deadlines} deadlines that are weeks ahead");
        await using (var expiry = NpgsqlDataSource.Create(suite.Postgres("governance_expiry")))
        {
            try
            {
                await ScheduleAsync(expiry, options.Deadlines);
                unended += await ends.MeasureAsync(run + "-m", options.Requests, options.Rate);
            }
            finally
            {
                await Sql.ExecuteAsync(expiry, $"delete from expiry.deadlines where kind = '{Kind}'");
            }
        }

        Console.WriteLine($"At once: {options.Together} grants with one end");
        unended += await ends.MeasureAsync(run + "-t", options.Together, double.PositiveInfinity);
        await RevokeFloor.PrintAsync(suite, options.Together);
        return unended == 0 ? 0 : 1;
    }

    private static async Task ScheduleAsync(NpgsqlDataSource expiry, int deadlines)
    {
        await Sql.ExecuteAsync(
            expiry,
            $"""
            insert into expiry.deadlines (grant_id, kind, revision, state, due, armed_at, next_firing)
            select gen_random_uuid(), '{Kind}', 1, 'armed', due, now(), due
            from (select now() + interval '14 days' + random() * interval '30 days' as due from generate_series(1, {deadlines})) d
            """
        );
        await Sql.ExecuteAsync(expiry, "analyze expiry.deadlines");
    }
}
