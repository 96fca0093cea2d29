using System.Diagnostics;
using System.Globalization;
using Governance.Benchmarks.Lifecycle;
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
        await Burst.RunAsync(suite, options, catalog, run + "-w", options.WarmUp, window: 16, hot: false);

        Console.WriteLine($"Steady: {options.Requests} grants of {options.Duration} s, {options.Window} under way at once");
        var steady = await Burst.RunAsync(suite, options, catalog, run + "-s", options.Requests, options.Window, hot: false);
        steady.Print();

        Console.WriteLine($"The same beside {options.Deadlines} deadlines that are weeks ahead");
        BurstResult beside;
        await using (var expiry = NpgsqlDataSource.Create(suite.Postgres("governance_expiry")))
        {
            try
            {
                await ScheduleAsync(expiry, options.Deadlines);
                beside = await Burst.RunAsync(suite, options, catalog, run + "-m", options.Requests, options.Window, hot: false);
                beside.Print();
            }
            finally
            {
                await ExecuteAsync(expiry, $"delete from expiry.deadlines where kind = '{Kind}'");
            }
        }

        Console.WriteLine($"At once: {options.Together} grants with one end");
        var unended = await TogetherAsync(suite, options, catalog, run + "-t", steady.RequestsPerSecond);
        var floor = await FloorAsync(suite, options.Together);
        Figures.Print("floor: as many REVOKEs, bare", $"{Figures.Number(floor.TotalSeconds)} s");
        return steady.Unended + beside.Unended + unended == 0 ? 0 : 1;
    }

    private static async Task<int> TogetherAsync(
        LocalSuite suite,
        BenchmarkOptions options,
        LoadCatalog catalog,
        string run,
        double requestsPerSecond
    )
    {
        await using var requests = await Requests.OpenAsync(suite, run, options.Duration);
        await using var observed = new Observed(suite);
        var end = TimeProvider.System.GetUtcNow().AddSeconds(20 + (options.Together / requestsPerSecond * 1.5));
        var sent = new Dictionary<Guid, DateTimeOffset>();
        var pace = TimeSpan.FromSeconds(1 / requestsPerSecond);
        for (var i = 0; i < options.Together; i++)
        {
            var account = i % options.Principals;
            var left = (int)Math.Ceiling((end - TimeProvider.System.GetUtcNow()).TotalSeconds);
            var (grant, at) = await requests.PublishAsync(
                i,
                LoadCatalog.Account(account),
                LoadCatalog.Owner(catalog.OwnerOf(account, hot: false)),
                Math.Max(1, left)
            );
            sent[grant] = at;
            await Task.Delay(pace);
        }

        // Also what is still on its way when the first ones end.
        await Task.Delay(end - TimeProvider.System.GetUtcNow() is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
        await Burst.AwaitEndsAsync(observed, sent.Keys, TimeProvider.System.GetUtcNow().AddMinutes(5));
        var (first, last, gone) = await observed.EndsAsync(sent.Keys);
        var (active, lateness) = await observed.TimesAsync(sent.Keys);
        Figures.Print("ends lie within", $"{Figures.Number((last - first).TotalSeconds)} s");
        Figures.Print("last end to last gone", $"{Figures.Number((gone - last).TotalSeconds)} s");
        Figures.Print("end to gone at the target", Figures.Describe(lateness));
        Figures.Print("not active / not ended", $"{sent.Count - active.Count} / {active.Count - lateness.Count}");
        return active.Count - lateness.Count;
    }

    private static async Task ScheduleAsync(NpgsqlDataSource expiry, int deadlines)
    {
        await ExecuteAsync(
            expiry,
            $"""
            insert into expiry.deadlines (grant_id, kind, revision, state, due, armed_at, next_firing)
            select gen_random_uuid(), '{Kind}', 1, 'armed', due, now(), due
            from (select now() + interval '14 days' + random() * interval '30 days' as due from generate_series(1, {deadlines})) d
            """
        );
        await ExecuteAsync(expiry, "analyze expiry.deadlines");
    }

    /// <summary>What the target itself takes, on as many connections as Issuance has.</summary>
    private static async Task<TimeSpan> FloorAsync(LocalSuite suite, int count)
    {
        await using var target = NpgsqlDataSource.Create(suite.TargetPostgres("orders"));
        var roles = Enumerable.Range(0, count).Select(i => $"bench_floor_{i.ToString(CultureInfo.InvariantCulture)}").ToList();
        await ExecuteAsync(target, string.Join(';', roles.Select(r => $"create role {r}; grant orders_readonly to {r}")));
        try
        {
            var watch = Stopwatch.StartNew();
            await Parallel.ForEachAsync(
                roles,
                new ParallelOptions { MaxDegreeOfParallelism = 8 },
                async (role, _) => await ExecuteAsync(target, $"revoke orders_readonly from {role}")
            );
            return watch.Elapsed;
        }
        finally
        {
            await ExecuteAsync(target, string.Join(';', roles.Select(r => $"drop role {r}")));
        }
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }
}
