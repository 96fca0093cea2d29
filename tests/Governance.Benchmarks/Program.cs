using Governance.Benchmarks;
using Governance.Benchmarks.Expiry;
using Governance.Benchmarks.Lifecycle;
using Governance.Benchmarks.Policy;
using Governance.Benchmarks.Revocation;

const string Usage = """
    Usage: dotnet run -c Release --project tests/Governance.Benchmarks -- lifecycle [options]

    Drives auto-permitted requests through the suite that deploy/local/up started, from publish to Active to Ended, and prints figures beside
    a floor from the same run: the same number of durable commits (transactions that wrote) and confirmed quorum-queue messages with bare Npgsql and RabbitMQ.Client.

      --requests N     requests of the burst (default 3000)
      --warm-up N      requests before anything is measured, so that code is compiled and plans are made (default 300)
      --unloaded N     requests of the unloaded part, one after the other (default 100)
      --window N       requests under way at once in the burst (default 128)
      --principals N   service accounts (default 1000)
      --owners N       humans that own them (default 200)
      --duration S     seconds that each access lasts (default 5)
      --hot-owner      a second burst in which one human owns every account

           dotnet run -c Release --project tests/Governance.Benchmarks -- backlog [options]

    How long 2,000 requests of 6 owners take that are all there at once, that none is denied, and the same floor. Options of lifecycle, without
    --window: all are under way at once.

           dotnet run -c Release --project tests/Governance.Benchmarks -- expiry [options]

    How late access is gone from the target: steadily, beside a million deadlines that are weeks ahead, and when much ends at once, beside a
    floor from the same run: as many bare REVOKEs on as many connections. All grants are active before the first one ends. Options of
    lifecycle (--requests is how many end steadily), and

      --rate N         steady ends a second (default 50)
      --deadlines N    deadlines that are weeks ahead (default 1000000)
      --together N     grants with one end (default 1000)

           dotnet run -c Release --project tests/Governance.Benchmarks -- revoke [options]

    How long the kill switch takes: gives --together accesses at orders-db, orders everything at orders-db away, and waits until the target,
    asked again, shows none of it, beside the same floor. Options of lifecycle; --together as above.

           dotnet run -c Release --project tests/Governance.Benchmarks -- policy [options]

    Evaluates and decides in this process with 10, 100 and 1,000 policies, on one thread and on all processors, and prints figures beside a
    floor from the same run: the same request to an engine without policies. Needs no servers.

      --evaluations N  evaluations of each measurement (default 4000)
      --million        a million evaluations more, and the memory before, after 100,000 and at the end
    """;

if (args.Contains("--help", StringComparer.Ordinal) || args is ["-h"])
{
    await Console.Out.WriteLineAsync(Usage);
    return 0;
}

try
{
    switch (args)
    {
        case ["lifecycle", .. var rest]:
            return await LifecycleBenchmark.RunAsync(BenchmarkOptions.Parse(rest), LocalSuite.FromEnvironment());
        case ["backlog", .. var rest]:
            return await BacklogBenchmark.RunAsync(BenchmarkOptions.ParseBacklog(rest), LocalSuite.FromEnvironment());
        case ["expiry", .. var rest]:
            return await ExpiryBenchmark.RunAsync(BenchmarkOptions.Parse(rest), LocalSuite.FromEnvironment());
        case ["revoke", .. var rest]:
            return await RevocationBenchmark.RunAsync(BenchmarkOptions.Parse(rest), LocalSuite.FromEnvironment());
        case ["policy", .. var rest]:
            return await PolicyBenchmark.RunAsync(PolicyBenchmarkOptions.Parse(rest));
        case [EngineStart.Command, var cache]:
            return EngineStart.Run(cache);
        default:
            await Console.Error.WriteLineAsync(Usage);
            return 64;
    }
}
catch (BenchmarkException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
