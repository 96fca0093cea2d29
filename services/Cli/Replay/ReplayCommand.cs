using System.CommandLine;
using Governance.Cedar;
using Governance.Cedar.Decisions;
using Governance.Cli.Services;
using Governance.Cli.Simulation;

namespace Governance.Cli.Replay;

/// <summary><c>governance policy replay</c>: does every recorded decision come out the same when it is made again?</summary>
internal static class ReplayCommand
{
    private const string Help = """
        Makes every recorded decision again, in this process: from the facts that Lifecycle recorded, with the bundle that Policy stores under
        the recorded digest. Compares both as canonical JSON and names each member that differs.

        Exit codes: 0 all the same; 1 a decision differs, or was made by other rules or another engine (see --ignore-versions); 2 wrong usage;
        3 a service can't be reached.
        """;

    public static Command Create(Terminal terminal)
    {
        var lifecycle = ServiceOption.Lifecycle(terminal);
        var policy = ServiceOption.Policy(terminal);
        var output = OutputOption.Create();
        var since = new Option<long>("--since")
        {
            Description = "Only decisions from this sequence of the store on.",
            HelpName = "SEQUENCE",
        };
        var grant = new Option<Guid?>("--grant") { Description = "Only decisions on this grant.", HelpName = "ID" };
        var ignoreVersions = new Option<bool>("--ignore-versions")
        {
            Description = "Decisions made by other rules or another engine are reported, but are no failure.",
        };
        var command = new Command("replay", Help) { lifecycle.Option, policy.Option, output, since, grant, ignoreVersions };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var report = await RunAsync(
                    terminal,
                    lifecycle.Read(parsed),
                    policy.Read(parsed),
                    parsed.GetValue(since),
                    parsed.GetValue(grant),
                    cancellationToken
                );
                report.Write(terminal, parsed.GetValue(output));
                return report.Different.Count > 0 || (report.MadeByOthers.Count > 0 && !parsed.GetValue(ignoreVersions))
                    ? ExitCodes.Failure
                    : ExitCodes.Success;
            }
        );
        return command;
    }

    private static async Task<ReplayReport> RunAsync(
        Terminal terminal,
        Uri lifecycleAddress,
        Uri policyAddress,
        long since,
        Guid? grant,
        CancellationToken cancellationToken
    )
    {
        using var engine = CedarEngine.Create();
        using var lifecycle = new LifecycleClient(lifecycleAddress);
        using var bundles = new BundleSource(policyAddress, engine);
        var replayer = new Replayer(new DecisionEngine(engine), bundles);
        var replayed = await terminal.ProgressAsync(
            "decisions",
            async progress =>
            {
                var report = new ReplayReport();
                await foreach (var recorded in lifecycle.DecisionsAsync(since, grant, cancellationToken))
                {
                    report.Add(await replayer.ReplayAsync(recorded, cancellationToken));
                    progress(report.Replayed, 0);
                }

                report.Bundles = bundles.Count;
                return report;
            }
        );
        if (since > 0 && grant is null && replayed.Replayed == 0)
        {
            terminal.Complain(new Since(since, null).Nothing(await lifecycle.LastDecisionAsync(cancellationToken)));
        }

        return replayed;
    }
}
