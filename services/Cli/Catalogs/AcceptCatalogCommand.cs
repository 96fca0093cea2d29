using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Governance.Cli.Services;

namespace Governance.Cli.Catalogs;

/// <summary><c>governance catalog accept</c>: a catalog that lacks much of the one in force is meant.</summary>
internal static class AcceptCatalogCommand
{
    private const string Help = """
        Says that a catalog which Lifecycle holds back, since it lacks much of the one in force, is meant. Who said it, when and why is
        recorded. Lifecycle puts it in force as soon as its files hold it, which is waited for.

        Exit codes: 0 it is in force; 1 it is accepted, but not in force: look whether the files still hold it; 2 wrong usage, or it is
        not the one that is held; 3 Lifecycle can't be reached.
        """;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Command Create(Terminal terminal)
    {
        var digest = new Argument<string>("DIGEST") { Description = "Digest of the held catalog, as governance catalog show names it." };
        var reason = new Option<string>("--reason") { Description = "Why; kept with the record.", Required = true };
        var lifecycle = ServiceOption.Lifecycle(terminal);
        var actor = new ActorOption(terminal);
        var command = new Command("accept", Help) { digest, reason, lifecycle.Option, actor.Option };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var client = new LifecycleClient(lifecycle.Read(parsed), actor.Read(parsed));
                var accepted = parsed.GetRequiredValue(digest);
                var now = await client.AcceptCatalogAsync(accepted, parsed.GetRequiredValue(reason), cancellationToken);
                for (var waited = Stopwatch.StartNew(); Waits(now, accepted) && waited.Elapsed < Patience; )
                {
                    await Task.Delay(Period, TimeProvider.System, cancellationToken);
                    now = await client.CatalogAsync(cancellationToken);
                }

                terminal.Line(
                    IsInForce(now, accepted) ? $"in force: {accepted}"
                    : Waits(now, accepted) ? $"accepted, but not in force yet: {accepted}. Lifecycle takes it when its files hold it."
                    : $"not in force: Lifecycle's files do not hold {accepted} any more, and the word is spent."
                );
                return IsInForce(now, accepted) ? ExitCodes.Success : ExitCodes.Failure;
            }
        );
        return command;
    }

    private static bool Waits(JsonElement now, string digest) =>
        now.TryGetProperty("held", out var held)
        && held.ValueKind == JsonValueKind.Object
        && held.TryGetProperty("catalog", out var catalog)
        && catalog.ValueEquals(digest);

    private static bool IsInForce(JsonElement now, string digest) =>
        now.TryGetProperty("inForce", out var inForce) && inForce.ValueEquals(digest);
}
