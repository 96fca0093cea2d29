using Governance.Benchmarks;
using Governance.Benchmarks.Lifecycle;

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
    """;

if (args.Contains("--help", StringComparer.Ordinal) || args is ["-h"])
{
    await Console.Out.WriteLineAsync(Usage);
    return 0;
}

if (args is not ["lifecycle", .. var rest])
{
    await Console.Error.WriteLineAsync(Usage);
    return 64;
}

try
{
    return await LifecycleBenchmark.RunAsync(BenchmarkOptions.Parse(rest), LocalSuite.FromEnvironment());
}
catch (BenchmarkException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
