using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text.RegularExpressions;
using Governance.Cli.Cases;
using Governance.Cli.Catalogs;
using Governance.Cli.DryRuns;
using Governance.Cli.Grants;
using Governance.Cli.Objectives;
using Governance.Cli.Replay;
using Governance.Cli.Revocations;
using Governance.Cli.Simulation;
using Governance.Cli.Sweeps;
using Governance.Cli.Targets;
using Governance.Cli.Validation;

namespace Governance.Cli;

/// <summary>The whole command line.</summary>
internal static partial class GovernanceCommand
{
    /// <summary>Runs one command.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellationToken = default)
    {
        // A value may begin with @: it is never the name of a file with more arguments.
        var parsed = Create(terminal).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var configuration = new InvocationConfiguration
        {
            Output = terminal.Output,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            // Interruptions are seen to in one place, which also knows what goes on without this program.
            ProcessTerminationTimeout = null,
        };
        if (parsed.Action is ParseErrorAction usage)
        {
            usage.ShowHelp = false;
            await using var complaints = new StringWriter();
            configuration.Error = complaints;
            await parsed.InvokeAsync(configuration, cancellationToken);
            terminal.Complain(WithoutTypes(complaints.ToString()).TrimEnd());
            terminal.Complain("Add --help to see how the command is used.");
            return ExitCodes.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(configuration, cancellationToken);
        }
        catch (CommandException e)
        {
            terminal.Complain($"governance: {e.Message}");
            return e.ExitCode;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Complain($"governance: {terminal.Interrupted}");
            return ExitCodes.Interrupted;
        }
    }

    // The library names the type of the program that a value is to become.
    private static string WithoutTypes(string complaints) =>
        UnreadableValue()
            .Replace(
                complaints,
                m =>
                    $"{m.Groups["of"].Value}: '{m.Groups["value"].Value}' is not {Expected.FirstOrDefault(e => m.Groups["type"].Value.Contains(e.Type, StringComparison.Ordinal)).Words ?? "what is taken there"}."
            );

    private static readonly (string Type, string? Words)[] Expected =
    [
        (nameof(OutputFormat), "text, table or json"),
        (nameof(Guid), "an id such as 0d9a6b1c-6f2e-5c3d-8a4b-1e2f3a4b5c6d"),
        ("Int", "a whole number"),
        (nameof(Boolean), "true or false"),
    ];

    [GeneratedRegex(
        "Cannot parse argument '(?<value>.*)' for (?:option|command) '(?<of>[^']*)' as expected type '(?<type>.*?)'\\.",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking
    )]
    private static partial Regex UnreadableValue();

    private static RootCommand Create(Terminal terminal)
    {
        var policy = new Command("policy", "Policies before and while they are enforced.");
        policy.Subcommands.Add(ValidateCommand.Create(terminal));
        policy.Subcommands.Add(TestCommand.Create(terminal));
        policy.Subcommands.Add(ReplayCommand.Create(terminal));
        policy.Subcommands.Add(SimulateCommand.Create(terminal));
        policy.Subcommands.Add(DryRunCommand.Create(terminal));
        var root = new RootCommand(
            "Access governance for non-human identities: the command line of operators, auditors and policy authors."
        );
        var grants = new Command("grants", "Access that is asked for, given, or gone.");
        grants.Subcommands.Add(ListCommand.Create(terminal));
        grants.Subcommands.Add(ShowCommand.Create(terminal));
        grants.Subcommands.Add(TextsCommand.Create(terminal));
        grants.Subcommands.Add(RetryCommand.Create(terminal));
        var catalog = new Command("catalog", "The catalog: targets, entitlements, people, principals, conflicts, sources.");
        catalog.Subcommands.Add(ValidateCatalogCommand.Create(terminal));
        catalog.Subcommands.Add(ShowCatalogCommand.Create(terminal));
        catalog.Subcommands.Add(AcceptCatalogCommand.Create(terminal));
        root.Subcommands.Add(catalog);
        var targets = new Command("targets", "Where access is given, and who answers there.");
        targets.Subcommands.Add(TargetsCommand.Create(terminal));
        targets.Subcommands.Add(AcceptCommand.Create(terminal));
        var sweeps = new Command("sweeps", "Access that is decided again, since another bundle or catalog is in force.");
        sweeps.Subcommands.Add(ListSweepsCommand.Create(terminal));
        sweeps.Subcommands.Add(ConfirmSweepCommand.Create(terminal));
        root.Subcommands.Add(policy);
        root.Subcommands.Add(grants);
        root.Subcommands.Add(targets);
        root.Subcommands.Add(sweeps);
        root.Subcommands.Add(RevokeCommand.Create(terminal));
        root.Subcommands.Add(SloCommand.Create(terminal));
        return root;
    }
}
