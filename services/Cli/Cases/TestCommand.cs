using System.CommandLine;
using Governance.Cedar;
using Governance.Cedar.Decisions;
using Governance.Cli.Validation;
using Governance.Cli.Yaml;

namespace Governance.Cli.Cases;

/// <summary><c>governance policy test</c>: do the policies decide as their authors mean?</summary>
internal static class TestCommand
{
    private const string Help = """
        Decides the cases in *.test.yaml beside the policies (in DIR and DIR/tests), without any server, and compares.

        Exit codes: 0 all as expected; 1 a case is not, or there is none; 2 wrong usage, or a file can't be read.
        """;

    public static Command Create(Terminal terminal)
    {
        var directory = BundleFiles.Argument();
        var output = OutputOption.Create();
        var filter = new Option<string?>("--filter") { Description = "Only cases whose file and name contain this." };
        var coverage = new Option<bool>("--coverage")
        {
            Description = "Also show for every policy in how many cases it determined an answer.",
        };
        var allowEmpty = new Option<bool>("--allow-empty") { Description = "No case at all is no failure." };
        var command = new Command("test", Help) { directory, output, filter, coverage, allowEmpty };
        command.SetAction(parsed =>
            Run(
                terminal,
                parsed.GetRequiredValue(directory),
                new TestOptions(parsed.GetValue(output), parsed.GetValue(filter), parsed.GetValue(coverage), parsed.GetValue(allowEmpty))
            )
        );
        return command;
    }

    private static int Run(Terminal terminal, string directory, TestOptions options)
    {
        using var engine = CedarEngine.Create();
        var bundle = BundleFiles.Require(engine, directory, terminal);
        var cases = Read(terminal, directory);
        if (options.Filter is { } filter)
        {
            cases = [.. cases.Where(c => $"{c.File}: {c.Name}".Contains(filter, StringComparison.OrdinalIgnoreCase))];
        }

        var runner = new CaseRunner(new DecisionEngine(engine), bundle);
        var results = cases.Select(runner.Run).ToList();
        Write(new CaseReport(terminal, results, runner.Coverage), bundle.Digest, options);
        if (results.Count > 0)
        {
            return results.TrueForAll(result => result.Passed) ? ExitCodes.Success : ExitCodes.Failure;
        }

        terminal.Complain(
            options.Filter is null
                ? $"no case in {directory}/*.test.yaml or {directory}/tests/*.test.yaml"
                : $"no case contains '{options.Filter}'"
        );
        return options.AllowEmpty ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static List<PolicyCase> Read(Terminal terminal, string directory)
    {
        var faults = new List<YamlFault>();
        var cases = new[] { directory, Path.Combine(directory, "tests") }
            .Where(Directory.Exists)
            .SelectMany(d => Directory.EnumerateFiles(d, "*.test.yaml").Order(StringComparer.Ordinal))
            .SelectMany(path => CaseReader.Read(path, faults))
            .ToList();
        if (faults.Count == 0)
        {
            return cases;
        }

        foreach (var fault in faults.OrderBy(f => f.File, StringComparer.Ordinal).ThenBy(f => f.Line).ThenBy(f => f.Column))
        {
            terminal.Complain(fault.ToString());
        }

        throw new CommandException(ExitCodes.Usage, "the cases can't be read; deploy/policies/README.md describes them.");
    }

    private static void Write(CaseReport report, string bundle, TestOptions options)
    {
        switch (options.Format)
        {
            case OutputFormat.Json:
                report.WriteJson(bundle);
                return;
            case OutputFormat.Table:
                report.WriteTable();
                break;
            default:
                report.WriteText();
                break;
        }

        report.WriteTotals(options.Coverage, isComplete: options.Filter is null);
    }

    private sealed record TestOptions(OutputFormat Format, string? Filter, bool Coverage, bool AllowEmpty);
}
