using System.CommandLine;
using Governance.Cli.Services;

namespace Governance.Cli.Targets;

/// <summary><c>governance targets list</c>: who answers at each target, and what stands in the way there.</summary>
internal static class TargetsCommand
{
    private const string Help = """
        Lists the targets: who answers there, and why nothing is given there where that is so.

        Exit codes: 0 access is given at each; 1 at one or more it is not; 2 wrong usage; 3 Issuance can't be reached.
        """;

    public static Command Create(Terminal terminal)
    {
        var issuance = ServiceOption.Issuance(terminal);
        var output = OutputOption.Create(OutputFormat.Table);
        var command = new Command("list", Help) { issuance.Option, output };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var client = new IssuanceClient(issuance.Read(parsed));
                var targets = await client.TargetsAsync(cancellationToken);
                switch (parsed.GetValue(output))
                {
                    case OutputFormat.Json:
                        terminal.Document(new { Targets = targets });
                        break;
                    case OutputFormat.Table:
                        terminal.Table(
                            ["target", "kind", "who answers", "state"],
                            targets.Select(t => (string[])[t.Id, t.Kind, t.Identity ?? "", string.Join("; ", States(t))])
                        );
                        break;
                    default:
                        foreach (var t in targets)
                        {
                            terminal.Line($"{t.Id}: {t.Kind} {t.Identity}: {string.Join("; ", States(t))}");
                        }

                        break;
                }

                return targets.Any(t => t.IsBlocked) ? ExitCodes.Failure : ExitCodes.Success;
            }
        );
        return command;
    }

    private static IEnumerable<string> States(GovernedTarget target)
    {
        if (target.Changed)
        {
            yield return $"another one answers: {target.Other ?? "one that does not tell who it is"}; nothing is given and nothing counts as gone until it is accepted";
        }

        if (target.Unreachable is { } reason)
        {
            yield return Silence(target) + ": " + reason;
        }

        foreach (var obstacle in target.Obstacles)
        {
            yield return "nothing is given: " + obstacle;
        }

        foreach (var place in target.Places)
        {
            yield return $"{place.Place.Privilege} is not given to {place.Place.Account}: {place.Reason}";
        }

        foreach (var limit in target.Limits)
        {
            yield return limit;
        }

        if (!target.IsBlocked)
        {
            yield return target.LookedAt is null ? "not looked at yet" : "access is given";
        }
    }

    // What is known is when it was asked: it may be back by now.
    private static string Silence(GovernedTarget target) =>
        (target.UnreachableAt, target.UnreachableSince) switch
        {
            ({ } at, { } since) when since < at => $"it did not answer at {Moments.ToWire(at)}, nor before since {Moments.ToWire(since)}",
            ({ } at, _) => $"it did not answer at {Moments.ToWire(at)}",
            _ => "it did not answer when it was last looked at",
        };
}
