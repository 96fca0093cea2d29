using System.Diagnostics;

namespace Governance.Cedar.Tests;

public sealed class When_an_engine_runs_for_a_long_time
{
    private const int Calls = 1_000_000;

    /// <summary>Run by name: <c>dotnet test -c Release --filter Should_not_grow</c>.</summary>
    [Test, Explicit("A million calls take minutes.")]
    public void Should_not_grow()
    {
        using var engine = CedarEngine.Create(new CedarEngineOptions { RetainedInstances = 2 });
        var policies = PolicySets.Of(
            ("a", """permit(principal in Group::"staff", action, resource) when { context.n >= 0 };"""),
            ("b", """forbid(principal, action, resource) when { resource.secret && context.n < 0 };"""),
            ("c", """permit(principal == User::"root", action, resource);""")
        );
        const string Entities = """
            [{"uid":{"type":"User","id":"u"},"attrs":{},"parents":[{"type":"Group","id":"staff"}]},
             {"uid":{"type":"Doc","id":"d"},"attrs":{"secret":true},"parents":[]}]
            """;

        void Run(int from, int to) =>
            Parallel.For(
                from,
                to,
                new ParallelOptions { MaxDegreeOfParallelism = 2 },
                i =>
                {
                    var request = new CedarRequest(new("User", "u"), new("Action", "a"), new("Doc", "d"), $$"""{"n":{{i}}}""", Entities);
                    if (engine.Authorize(policies, request).Decision != CedarDecision.Allow)
                    {
                        throw new InvalidOperationException($"Call {i} was denied.");
                    }
                }
            );

        Run(0, Calls / 10);
        var before = Environment.WorkingSet;
        var clock = Stopwatch.StartNew();
        Run(Calls / 10, Calls);
        TestContext.Out.WriteLine(
            $"{Calls * 9 / 10 / clock.Elapsed.TotalSeconds:F0} evaluations/s; working set {before / 1048576} -> {Environment.WorkingSet / 1048576} MiB; {engine.InstancesCreated} instances"
        );

        Assert.That(engine.InstancesCreated, Is.LessThanOrEqualTo(4), "no instance had to be replaced");
        Assert.That(Environment.WorkingSet - before, Is.LessThan(64 * 1024 * 1024));
    }
}
