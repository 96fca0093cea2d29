using System.CommandLine;
using Governance.Cli.Services;

namespace Governance.Cli.Grants;

/// <summary><c>governance grants show</c>: all about one grant.</summary>
internal static class ShowCommand
{
    private const string Help = """
        Shows one grant: its state, its time, what was decided, what the target was last seen to have, and what went wrong last.

        Exit codes: 0 it is there; 1 there is no such grant; 2 wrong usage; 3 Lifecycle can't be reached.
        """;

    public static Command Create(Terminal terminal)
    {
        var id = GrantId.Required();
        var lifecycle = ServiceOption.Lifecycle(terminal);
        var output = OutputOption.Create(OutputFormat.Table);
        var command = new Command("show", Help) { id, lifecycle.Option, output };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var client = new LifecycleClient(lifecycle.Read(parsed));
                var asked = parsed.GetValue(id);
                var grant =
                    await client.GrantAsync(asked, cancellationToken)
                    ?? throw new CommandException(ExitCodes.Failure, $"there is no grant {asked}.");
                GrantText.WriteOne(terminal, parsed.GetValue(output), grant);
                return ExitCodes.Success;
            }
        );
        return command;
    }
}
