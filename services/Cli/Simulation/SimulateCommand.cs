using System.CommandLine;
using System.CommandLine.Parsing;
using Governance.Cedar;
using Governance.Cedar.Decisions;
using Governance.Cli.Services;
using Governance.Cli.Validation;
using Governance.Cli.Yaml;

namespace Governance.Cli.Simulation;

/// <summary><c>governance policy simulate</c>: what would another bundle have decided?</summary>
internal static class SimulateCommand
{
    private const string Help = """
        Decides past requests (the last decision on issuing each) and asks whether active grants could stay, with the policies of a directory,
        from the facts that were recorded. Says who would gain, lose, need approval or need none, or get another duration.

        Exit codes: 0, whatever would change; 1 something of --fail-on would; 2 wrong usage or an invalid bundle; 3 Lifecycle can't be reached.
        """;

    private static readonly IReadOnlyDictionary<string, SimulatedChange> Changes = Enum.GetValues<SimulatedChange>()
        .Where(change => change != SimulatedChange.None)
        .ToDictionary(change => YamlScalars.NameOf(change), StringComparer.Ordinal);

    public static Command Create(Terminal terminal)
    {
        var lifecycle = ServiceOption.Lifecycle(terminal);
        var bundle = new Option<string>("--bundle")
        {
            Description = "Directory of the candidate's *.cedar files.",
            Required = true,
            HelpName = "DIR",
        };
        bundle.Validators.Add(BundleFiles.MustExist);
        var output = OutputOption.Create();
        var since = new Option<long>("--since")
        {
            Description = "Only decisions from this sequence of the store on.",
            HelpName = "SEQUENCE",
        };
        var failOn = new Option<SimulatedChange[]>("--fail-on")
        {
            Description =
                $"Changes that are a failure, joined by commas: {string.Join(", ", Changes.Keys)}. So is what could not be simulated.",
            HelpName = "CHANGES",
            CustomParser = ReadChanges,
        };
        var command = new Command("simulate", Help) { bundle, lifecycle.Option, output, since, failOn };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var report = await RunAsync(
                    terminal,
                    lifecycle.Read(parsed),
                    parsed.GetRequiredValue(bundle),
                    parsed.GetValue(since),
                    cancellationToken
                );
                report.Write(parsed.GetValue(output));
                return parsed.GetValue(failOn) is { Length: > 0 } changes && (changes.Any(report.Has) || !report.IsComplete)
                    ? ExitCodes.Failure
                    : ExitCodes.Success;
            }
        );
        return command;
    }

    private static async Task<SimulationReport> RunAsync(
        Terminal terminal,
        Uri address,
        string directory,
        long since,
        CancellationToken cancellationToken
    )
    {
        using var engine = CedarEngine.Create();
        var bundle = BundleFiles.Require(engine, directory, terminal);
        using var lifecycle = new LifecycleClient(address);
        var simulator = await terminal.ProgressAsync(
            "decisions",
            async progress =>
            {
                var active = await lifecycle.ActiveGrantsAsync(cancellationToken);
                var simulator = new Simulator(new DecisionEngine(engine), bundle, active);
                await foreach (var recorded in lifecycle.DecisionsAsync(since, grant: null, cancellationToken))
                {
                    simulator.Add(recorded);
                    progress(simulator.Decisions, 0);
                }

                simulator.NameTheUnseen();
                return simulator;
            }
        );
        return new SimulationReport(terminal, bundle.Digest, simulator);
    }

    private static SimulatedChange[] ReadChanges(ArgumentResult result)
    {
        var changes = new List<SimulatedChange>();
        foreach (var name in result.Tokens.SelectMany(token => token.Value.Split(',')))
        {
            if (Changes.TryGetValue(name, out var change))
            {
                changes.Add(change);
            }
            else
            {
                result.AddError($"--fail-on: '{name}' is none of {string.Join(", ", Changes.Keys)}.");
            }
        }

        return [.. changes];
    }
}
