using System.CommandLine;
using Governance.Cli.Services;

namespace Governance.Cli.Objectives;

/// <summary><c>governance slo</c>: does access come, and go, as soon as is promised?</summary>
internal static class SloCommand
{
    private const string Help = """
        Shows how soon access was effective after it was permitted, and gone after its end, its revocation or its suspension: read back from
        the target, in seconds, as the record says. Names the access that has waited to be effective, or gone, for the longest time and is not yet.

        Exit codes: 0 every objective is met; 1 one is missed, or something has waited for longer than its objective allows; 2 wrong usage;
        3 Lifecycle can't be reached.
        """;

    public static Command Create(Terminal terminal)
    {
        var lifecycle = ServiceOption.Lifecycle(terminal);
        var output = OutputOption.Create(OutputFormat.Table);
        var since = new Option<string>("--since")
        {
            Description = "How far back to look, for example P7D.",
            HelpName = "DURATION",
            DefaultValueFactory = _ => "PT24H",
        };
        var command = new Command("slo", Help) { lifecycle.Option, output, since };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var client = new LifecycleClient(lifecycle.Read(parsed));
                var document = await client.SloAsync(parsed.GetValue(since)!, cancellationToken);
                var (format, report) = (parsed.GetValue(output), SloReport.Of(document));
                if (format == OutputFormat.Json)
                {
                    terminal.Document(document);
                }
                else
                {
                    SloText.Write(terminal, format, report);
                }

                return report.Met ? ExitCodes.Success : ExitCodes.Failure;
            }
        );
        return command;
    }
}
