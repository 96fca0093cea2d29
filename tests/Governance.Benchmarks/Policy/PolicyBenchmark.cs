using System.Globalization;
using Governance.Cedar;
using Governance.Cedar.Bundles;
using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Benchmarks.Policy;

internal static class PolicyBenchmark
{
    private const int Million = 1_000_000;
    private const long Mebibyte = 1024 * 1024;

    private static readonly int[] Sizes = [10, 100, 1000];

    public static async Task<int> RunAsync(PolicyBenchmarkOptions options)
    {
        var (cold, warm) = await EngineStart.MeasureAsync();
        Console.WriteLine("From the start of a process to its first decision and its end");
        Figures.Print("engine compiled first", $"{Figures.Number(cold.TotalSeconds)} s");
        Figures.Print("compiled by an earlier start", $"{Figures.Number(warm.TotalSeconds, "F2")} s");

        using var engine = CedarEngine.Create();
        WarmUp(engine);
        foreach (var threads in new[] { 1, Environment.ProcessorCount }.Distinct())
        {
            Console.WriteLine($"On {threads} of {Environment.ProcessorCount} processors");
            Floor(engine, options.Evaluations, threads);
            foreach (var size in Sizes)
            {
                Measure(engine, Library.Load(engine, size), options.Evaluations, threads);
            }
        }

        if (options.Million)
        {
            WatchMemory(engine, Library.Load(engine, Sizes[0]));
        }

        return 0;
    }

    // Else what is measured first is measured while its code is still being compiled.
    private static void WarmUp(CedarEngine engine)
    {
        var bundle = Library.Load(engine, Sizes[0]);
        var request = Questions.Raw(bundle, Questions.Reading);
        var policies = bundle.For("issue", gates: true);
        var until = TimeProvider.System.GetTimestamp() + (5 * TimeProvider.System.TimestampFrequency);
        while (TimeProvider.System.GetTimestamp() < until)
        {
            _ = engine.Authorize(policies, request);
            _ = engine.AuthorizeWhole(policies, request);
        }
    }

    private static void Floor(CedarEngine engine, int evaluations, int threads)
    {
        var bundle = Library.Load(engine, Sizes[0]);
        var request = Questions.Raw(bundle, Questions.Reading);
        var nothing = CedarPolicySet.FromPolicies(new Dictionary<string, string>(StringComparer.Ordinal), bundle.Schema);
        var bare = CedarPolicySet.FromPolicies(new Dictionary<string, string>(StringComparer.Ordinal), schema: null);
        var empty = request with { ContextJson = "{}", EntitiesJson = "[]" };
        Figures.Print("floor: no policies, no JSON", Timing.Of(evaluations, threads, () => engine.Authorize(bare, empty)).ToString());
        Figures.Print("floor: no policies", Timing.Of(evaluations, threads, () => engine.AuthorizeWhole(nothing, request)).ToString());
    }

    private static void Measure(CedarEngine engine, PolicyBundle bundle, int evaluations, int threads)
    {
        var request = Questions.Raw(bundle, Questions.Reading);
        var policies = bundle.For("issue", gates: true);
        var decisions = new DecisionEngine(engine);
        var name = bundle.Policies.Count.ToString("N0", CultureInfo.InvariantCulture) + " policies: ";

        void Decide(AccessFacts facts) =>
            Expect(decisions.Decide(DecisionPurpose.Issue, Questions.Now, bundle, facts).Outcome == Outcome.Permit);

        Figures.Print(
            name + "an evaluation",
            Timing.Of(evaluations, threads, () => Expect(engine.Authorize(policies, request).Decision == CedarDecision.Allow)).ToString()
        );
        Figures.Print(
            name + "with everything",
            Timing
                .Of(evaluations / 4, threads, () => Expect(engine.AuthorizeWhole(policies, request).Decision == CedarDecision.Allow))
                .ToString()
        );
        Figures.Print(name + "a decision", Timing.Of(evaluations / 2, threads, () => Decide(Questions.Reading)).ToString());
        Figures.Print(name + "one with an approval", Timing.Of(evaluations / 4, threads, () => Decide(Questions.Writing)).ToString());
    }

    private static void WatchMemory(CedarEngine engine, PolicyBundle bundle)
    {
        var request = Questions.Raw(bundle, Questions.Reading);
        var policies = bundle.For("issue", gates: true);
        Console.WriteLine("Memory, a million evaluations on all processors");
        Print("at the start", engine);
        foreach (var (from, to) in new[] { (0, Million / 10), (Million / 10, Million) })
        {
            Parallel.For(
                from,
                to,
                new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
                _ => Expect(engine.Authorize(policies, request).Decision == CedarDecision.Allow)
            );
            Print($"after {to:N0}", engine);
        }
    }

    private static void Print(string name, CedarEngine engine)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Figures.Print(
            name,
            $"managed {GC.GetTotalMemory(forceFullCollection: true) / Mebibyte} MiB, process {Environment.WorkingSet / Mebibyte} MiB, {engine.InstancesCreated} instances made"
        );
    }

    private static void Expect(bool permitted)
    {
        if (!permitted)
        {
            throw new BenchmarkException("What should have been permitted was not.");
        }
    }
}
