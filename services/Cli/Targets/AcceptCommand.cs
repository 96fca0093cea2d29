using System.CommandLine;
using Governance.Cli.Services;

namespace Governance.Cli.Targets;

/// <summary><c>governance targets accept</c>: the one that answers there now is the right one.</summary>
internal static class AcceptCommand
{
    private const string Help = """
        Accepts the one that answers at a target now in the place of the one that was accepted before: after a restore, an upgrade, or a move to
        another server. Everything that is held there, and everything that was taken away there, is read back from it and put right. What is
        accepted is what 'governance targets list' shows at this moment, and is recorded with your name and the reason.

        Exit codes: 0 it is accepted; 1 there is nothing to accept, or no such target; 2 wrong usage; 3 a service can't be reached.
        """;

    public static Command Create(Terminal terminal)
    {
        var id = new Argument<string>("ID") { Description = "The target's id." };
        var reason = new Option<string>("--reason") { Description = "Why another one answers there.", Required = true };
        var identity = new Option<string?>("--identity")
        {
            Description = "Who has to answer there: another one is not accepted. Default: whoever answers.",
        };
        var actor = new ActorOption(terminal);
        var lifecycle = ServiceOption.Lifecycle(terminal);
        var issuance = ServiceOption.Issuance(terminal);
        var command = new Command("accept", Help) { id, reason, identity, actor.Option, lifecycle.Option, issuance.Option };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var name = parsed.GetValue(id)!;
                using var issuing = new IssuanceClient(issuance.Read(parsed));
                using var client = new LifecycleClient(lifecycle.Read(parsed), actor.Read(parsed));
                var target =
                    (await issuing.TargetsAsync(cancellationToken)).FirstOrDefault(one => one.Id == name)
                    ?? throw new CommandException(ExitCodes.Failure, $"there is no target '{name}'.");
                if (!target.Changed)
                {
                    throw new CommandException(
                        ExitCodes.Failure,
                        $"{name}: the accepted one answers there, so there is nothing to accept."
                    );
                }

                if (parsed.GetValue(identity) is { } wanted && wanted != target.Other)
                {
                    throw new CommandException(
                        ExitCodes.Failure,
                        $"{name}: {target.Other ?? "one that does not tell who it is"} answers there, and not {wanted}."
                    );
                }

                await client.AcceptTargetAsync(name, target.Other, parsed.GetValue(reason)!, cancellationToken);
                terminal.Line($"{name}: accepted {target.Other ?? "one that does not tell who it is"} in the place of {target.Identity}.");
                terminal.Line(
                    "What is and was held there is read back from it now: governance targets list, governance grants list --target " + name
                );
                return ExitCodes.Success;
            }
        );
        return command;
    }
}
