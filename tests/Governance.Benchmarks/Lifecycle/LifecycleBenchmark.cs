using System.Globalization;

namespace Governance.Benchmarks.Lifecycle;

internal static class LifecycleBenchmark
{
    public static async Task<int> RunAsync(BenchmarkOptions options, LocalSuite suite)
    {
        await using var catalog = new LoadCatalog(suite, options);
        await catalog.CreateRolesAsync();
        await catalog.PutAsync(hot: false);
        var run = "bench-" + TimeProvider.System.GetUtcNow().ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);

        Console.WriteLine($"Warming up: {options.WarmUp} requests");
        await Burst.RunAsync(suite, options, catalog, run + "-w", options.WarmUp, window: 16, hot: false);

        Console.WriteLine($"Unloaded: {options.Unloaded} requests, one after the other");
        var unloaded = await Burst.RunAsync(suite, options, catalog, run + "-u", options.Unloaded, window: 1, hot: false);
        unloaded.Print();

        Console.WriteLine(
            $"Burst: {options.Requests} requests, {options.Window} at once, {options.Principals} principals, {options.Owners} owners, ends running too"
        );
        var burst = await MeasuredBurstAsync(suite, options, catalog, run + "-b", hot: false);

        if (options.HotOwner)
        {
            await catalog.PutAsync(hot: true);
            Console.WriteLine($"Burst with one hot owner: {options.Requests} requests");
            await MeasuredBurstAsync(suite, options, catalog, run + "-h", hot: true);
        }

        var floor = Floor.Of(suite, burst.Counters, options.Requests, options.Window);
        Console.WriteLine($"Floor: {floor}");
        var floorRate = await floor.RequestsPerSecondAsync(Math.Max(500, options.Requests / 3));
        Figures.Print("floor requests/s", Figures.Number(floorRate));
        Figures.Print("suite / floor", Figures.Number(burst.Result.RequestsPerSecond / floorRate, "F2"));
        return unloaded.Failed + burst.Result.Failed == 0 ? 0 : 1;
    }

    internal static async Task<(BurstResult Result, Counters Counters)> MeasuredBurstAsync(
        LocalSuite suite,
        BenchmarkOptions options,
        LoadCatalog catalog,
        string run,
        bool hot
    )
    {
        // What the suite does while nobody asks (polls, checks) is measured first and taken off.
        var idleStart = await Counters.ReadAsync(suite);
        var idleFrom = TimeProvider.System.GetUtcNow();
        var before = await Counters.ReadAsync(suite);
        var idleSeconds = (TimeProvider.System.GetUtcNow() - idleFrom).TotalSeconds;
        var idle = before - idleStart;

        var usage = ProcessUsage.Read();
        var from = TimeProvider.System.GetUtcNow();
        var result = await Burst.RunAsync(suite, options, catalog, run, options.Requests, options.Window, hot);
        var used = ProcessUsage.Read();
        var after = await Counters.ReadAsync(suite);
        var seconds = (TimeProvider.System.GetUtcNow() - from).TotalSeconds;
        var share = seconds / idleSeconds;
        var done = after - before;
        var counters = new Counters(
            done.Transactions - (idle.Transactions * share),
            Math.Max(1, done.Commits - (idle.Commits * share)),
            done.WalBytes,
            Math.Max(1, done.Published - (idle.Published * share)),
            done.StoredBytes
        );

        result.Print();
        Figures.Print("transactions per request", Figures.Number(counters.Transactions / options.Requests));
        Figures.Print("durable commits per request", Figures.Number(counters.Commits / options.Requests));
        Figures.Print("messages per request", Figures.Number(counters.Published / options.Requests));
        Figures.Print("WAL per request", Figures.Number(counters.WalBytes / options.Requests / 1024) + " KiB");
        Figures.Print("bytes stored per grant", Figures.Number(counters.StoredBytes / options.Requests / 1024) + " KiB");
        foreach (var (name, cpu, memory) in used.Since(usage))
        {
            Figures.Print(
                "  " + name,
                $"{Figures.Number(cpu)} s CPU, {Figures.Number(cpu * 1000 / options.Requests)} ms a request, {memory / 1024 / 1024} MiB"
            );
        }

        return (result, counters);
    }
}
