using System.CommandLine;
using System.Text.Json;
using Governance.Cli.Services;

namespace Governance.Cli.Catalogs;

/// <summary><c>governance catalog show</c>: which catalog is in force, and which one waits for an operator's word.</summary>
internal static class ShowCatalogCommand
{
    private const string Help = """
        Shows the digest of the catalog in force, and the one that is held back since it lacks much of it.

        Exit codes: 0 nothing is held; 1 a catalog is held, or none is in force; 2 wrong usage; 3 Lifecycle can't be reached.
        """;

    public static Command Create(Terminal terminal)
    {
        var lifecycle = ServiceOption.Lifecycle(terminal);
        var output = OutputOption.Create();
        var command = new Command("show", Help) { lifecycle.Option, output };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var client = new LifecycleClient(lifecycle.Read(parsed));
                var document = await client.CatalogAsync(cancellationToken);
                var now = document.Deserialize<State>(WireJson.Options)!;
                if (parsed.GetValue(output) == OutputFormat.Json)
                {
                    terminal.Document(document);
                }
                else
                {
                    Write(terminal, now);
                }

                return now is { InForce: not null, Held: null } ? ExitCodes.Success : ExitCodes.Failure;
            }
        );
        return command;
    }

    private static void Write(Terminal terminal, State now)
    {
        terminal.Line($"in force: {now.InForce ?? "none"}");
        if (now.Held is not { } held)
        {
            return;
        }

        terminal.Line($"held: {held.Catalog} since {held.At}{(held.Accepted ? ", accepted" : "")}");
        foreach (var loss in held.Losses)
        {
            terminal.Line(FormattableString.Invariant($"it lacks {loss.Missing} of {loss.Before} {loss.Part}, and has {loss.Now}"));
        }
    }

    private sealed record State(string? InForce = null, Waiting? Held = null);

    private sealed record Waiting(string Catalog, IReadOnlyList<Loss> Losses, string At, bool Accepted);

    private sealed record Loss(string Part, int Before, int Missing, int Now);
}
