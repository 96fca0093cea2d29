using System.CommandLine;
using Governance.Cli.Services;

namespace Governance.Cli.Grants;

/// <summary><c>governance grants retry</c>: try now what waits for its next attempt.</summary>
internal static class RetryCommand
{
    private const string Help = """
        Has the next attempt at the target made now, in place of when its back-off ends: of one grant, or of everything that waits at a target.
        A grant whose access somebody took away at the target gets it again. What an attempt of unknown outcome may still change is left alone until that is over. It is recorded with your name.

        Exit codes: 0 it is asked for; 1 there is no such grant or target; 2 wrong usage; 3 Lifecycle can't be reached.
        """;

    public static Command Create(Terminal terminal)
    {
        var id = GrantId.Optional();
        var target = new Option<string?>("--target") { Description = "In place of a grant: everything that waits at this target." };
        var actor = new ActorOption(terminal);
        var lifecycle = ServiceOption.Lifecycle(terminal);
        var command = new Command("retry", Help) { id, target, actor.Option, lifecycle.Option };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var (grant, at) = (parsed.GetValue(id), parsed.GetValue(target));
                if (grant is null == at is null)
                {
                    throw new CommandException(ExitCodes.Usage, "say either a grant's ID or --target.");
                }

                using var client = new LifecycleClient(lifecycle.Read(parsed), actor.Read(parsed));
                var found = grant is { } one
                    ? await client.RetryGrantAsync(one, cancellationToken)
                    : await client.RetryTargetAsync(at!, cancellationToken);
                if (!found)
                {
                    throw new CommandException(
                        ExitCodes.Failure,
                        grant is null ? $"there is no target '{at}'." : $"there is no grant {grant}."
                    );
                }

                terminal.Line(
                    grant is null
                        ? $"What waits for its next attempt at {at} is tried now."
                        : $"What of {grant} waits for its next attempt is tried now."
                );
                return ExitCodes.Success;
            }
        );
        return command;
    }
}
