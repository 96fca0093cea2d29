using System.CommandLine;
using Governance.Cli.Services;

namespace Governance.Cli.Sweeps;

/// <summary><c>governance sweeps confirm</c>: what a held sweep would take away shall go.</summary>
internal static class ConfirmSweepCommand
{
    private const string Help = """
        Says that what a held sweep would take away shall go. Look first at what that is: governance sweeps list, and the member retention of
        active grants. It is recorded with your name.

        Exit codes: 0 it goes on; 1 there is no such sweep; 2 wrong usage, or it is not held; 3 Lifecycle can't be reached.
        """;

    public static Command Create(Terminal terminal)
    {
        var id = new Argument<Guid>("ID") { Description = "The sweep, as governance sweeps list names it." };
        var actor = new ActorOption(terminal);
        var lifecycle = ServiceOption.Lifecycle(terminal);
        var command = new Command("confirm", Help) { id, actor.Option, lifecycle.Option };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var client = new LifecycleClient(lifecycle.Read(parsed), actor.Read(parsed));
                var sweep = parsed.GetRequiredValue(id);
                if (!await client.ConfirmSweepAsync(sweep, cancellationToken))
                {
                    throw new CommandException(ExitCodes.Failure, $"there is no sweep {sweep}.");
                }

                terminal.Line($"confirmed: what the sweep {sweep} forbids is taken away now.");
                return ExitCodes.Success;
            }
        );
        return command;
    }
}
