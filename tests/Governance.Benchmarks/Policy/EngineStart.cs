using System.Diagnostics;
using Governance.Cedar;
using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Benchmarks.Policy;

/// <summary>A process that starts, loads the engine and the policies of deploy/policies, decides once, and ends.</summary>
internal static class EngineStart
{
    public const string Command = "policy-start";

    /// <summary>What the process does.</summary>
    public static int Run(string cache)
    {
        using var engine = CedarEngine.Create(new CedarEngineOptions { CacheDirectory = cache });
        var decision = new DecisionEngine(engine).Decide(DecisionPurpose.Issue, Questions.Now, Library.Load(engine, 10), Questions.Reading);
        return decision.Outcome == Outcome.Permit ? 0 : 1;
    }

    /// <summary>From the start of such a process until it has decided: with nothing compiled yet, and again.</summary>
    public static async Task<(TimeSpan Cold, TimeSpan Warm)> MeasureAsync()
    {
        var cache = Directory.CreateTempSubdirectory("governance-engine-").FullName;
        try
        {
            return (await StartAsync(cache), await StartAsync(cache));
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }

    private static async Task<TimeSpan> StartAsync(string cache)
    {
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [typeof(EngineStart).Assembly.Location, Command, cache]) { WorkingDirectory = Checkout.Root() }
        )!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? Stopwatch.GetElapsedTime(started)
            : throw new BenchmarkException("A process that should only start and decide has failed.");
    }
}
