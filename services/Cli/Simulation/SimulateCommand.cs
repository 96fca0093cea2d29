using System.CommandLine;
using System.CommandLine.Parsing;
using Governance.Cedar;
using Governance.Cedar.Decisions;
using Governance.Cli.Replay;
using Governance.Cli.Services;
using Governance.Cli.Validation;
using Governance.Cli.Yaml;

namespace Governance.Cli.Simulation;

/// <summary><c>governance policy simulate</c>: what would another bundle have decided?</summary>
internal static class SimulateCommand
{
    private const string Help = """
        Decides recent requests (the last decision on issuing each) and asks whether active grants could stay, with the policies of a directory
        and with the bundle in force, from the facts that were recorded. Says who would gain, lose, need approval or need none, or get another
        duration. What the catalog in force has no principal or entitlement for is left out.

        Exit codes: 0, whatever would change; 1 something of --fail-on would; 2 wrong usage or an invalid bundle; 3 Lifecycle or
        Policy can't be reached.
        """;

    private static readonly TimeSpan Recent = TimeSpan.FromDays(30);

    private static readonly IReadOnlyDictionary<string, SimulatedChange> Changes = Enum.GetValues<SimulatedChange>()
        .Where(change => change != SimulatedChange.None)
        .ToDictionary(change => YamlScalars.NameOf(change), StringComparer.Ordinal);

    public static Command Create(Terminal terminal)
    {
        var lifecycle = ServiceOption.Lifecycle(terminal);
        var policy = ServiceOption.Policy(terminal);
        var against = new Option<Baseline>("--against")
        {
            Description = "Compare with what the bundle in force would decide (in-force, the default), or with what was decided (decided).",
            HelpName = "in-force|decided",
            CustomParser = ReadBaseline,
        };
        var bundle = new Option<string>("--bundle")
        {
            Description = "Directory of the candidate's *.cedar files.",
            Required = true,
            HelpName = "DIR",
        };
        bundle.Validators.Add(BundleFiles.MustExist);
        var output = OutputOption.Create();
        var since = new Option<Since?>("--since")
        {
            Description =
                "How far back: a duration such as P7D, a date, or a sequence of the store. Default: P30D; all with --against decided.",
            HelpName = "WHEN",
            CustomParser = Since.Read,
        };
        var failOn = new Option<SimulatedChange[]>("--fail-on")
        {
            Description =
                $"Changes that are a failure, joined by commas: {string.Join(", ", Changes.Keys)}. So is what could not be simulated.",
            HelpName = "CHANGES",
            CustomParser = ReadChanges,
        };
        var command = new Command("simulate", Help) { bundle, lifecycle.Option, policy.Option, against, output, since, failOn };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var report = await RunAsync(
                    terminal,
                    lifecycle.Read(parsed),
                    parsed.GetValue(against) == Baseline.InForce ? policy.Read(parsed) : null,
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
        Uri? bundles,
        string directory,
        Since? since,
        CancellationToken cancellationToken
    )
    {
        using var engine = CedarEngine.Create();
        var bundle = BundleFiles.Require(engine, directory, terminal);
        using var lifecycle = new LifecycleClient(address);
        var compared = bundles is null ? null : await ComparedAsync(lifecycle, bundles, engine, cancellationToken);
        var from = since ?? (compared is null ? Since.Everything : Since.Ago(Recent));
        string? nothing = null;
        var simulator = await terminal.ProgressAsync(
            "decisions",
            async progress =>
            {
                var active = await lifecycle.ActiveGrantsAsync(cancellationToken);
                var simulator = new Simulator(new DecisionEngine(engine), bundle, active, compared);
                await foreach (var recorded in lifecycle.DecisionsAsync(from.Sequence, grant: null, cancellationToken, from.Time))
                {
                    simulator.Add(recorded);
                    progress(simulator.Decisions, 0);
                }

                if (since is not null && simulator.Decisions == 0)
                {
                    nothing = since.Nothing(await lifecycle.LastDecisionAsync(cancellationToken));
                }

                foreach (var grant in compared is null ? [] : simulator.Unseen.ToList())
                {
                    await foreach (var recorded in lifecycle.DecisionsAsync(0, grant, cancellationToken))
                    {
                        simulator.Add(recorded);
                    }

                    progress(simulator.Decisions, 0);
                }

                simulator.NameTheUnseen();
                return simulator;
            }
        );
        if (nothing is not null)
        {
            terminal.Complain(nothing);
        }

        return new SimulationReport(terminal, bundle.Digest, simulator);
    }

    private static async Task<Compared> ComparedAsync(
        LifecycleClient lifecycle,
        Uri bundles,
        CedarEngine engine,
        CancellationToken cancellationToken
    )
    {
        var inForce = await lifecycle.InForceAsync(cancellationToken);
        if (inForce.Bundle is not { } digest)
        {
            throw new CommandException(ExitCodes.Unreachable, "no bundle is in force yet; compare with --against decided.");
        }

        using var source = new BundleSource(bundles, engine);
        var (bundle, problem) = await source.GetAsync(digest, cancellationToken);
        return bundle is null
            ? throw new CommandException(ExitCodes.Unreachable, $"the bundle in force, {digest}, can't be had from {bundles}: {problem}.")
            : new Compared(bundle, inForce);
    }

    private static Baseline ReadBaseline(ArgumentResult result)
    {
        switch (result.Tokens[0].Value)
        {
            case "in-force":
                return Baseline.InForce;
            case "decided":
                return Baseline.Decided;
            case var text:
                result.AddError($"--against: '{text}' is none of in-force, decided.");
                return default;
        }
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

/// <summary>What a candidate is compared with.</summary>
internal enum Baseline
{
    /// <summary>What the bundle in force would decide.</summary>
    InForce,

    /// <summary>What was decided, with whatever was in force then.</summary>
    Decided,
}
