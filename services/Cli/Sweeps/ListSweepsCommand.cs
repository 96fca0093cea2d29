using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Governance.Cli.Services;

namespace Governance.Cli.Sweeps;

/// <summary><c>governance sweeps list</c>: how far the access that is there has been decided again.</summary>
internal static class ListSweepsCommand
{
    private const string Help = """
        Lists the latest sweeps: when a bundle or a catalog comes in force, all active access is decided again, and what may not stay goes. A
        sweep that would take away too much at once is held until somebody confirms it.

        Exit codes: 0 whatever is found; 2 wrong usage; 3 Lifecycle can't be reached.
        """;

    public static Command Create(Terminal terminal)
    {
        var lifecycle = ServiceOption.Lifecycle(terminal);
        var output = OutputOption.Create(OutputFormat.Table);
        var command = new Command("list", Help) { lifecycle.Option, output };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var client = new LifecycleClient(lifecycle.Read(parsed));
                var sweeps = await client.SweepsAsync(cancellationToken);
                Write(terminal, parsed.GetValue(output), sweeps);
                return ExitCodes.Success;
            }
        );
        return command;
    }

    private static void Write(Terminal terminal, OutputFormat format, JsonElement document)
    {
        if (format == OutputFormat.Json)
        {
            terminal.Document(document);
            return;
        }

        var sweeps = document.GetProperty("sweeps").Deserialize<IReadOnlyList<SweepSummary>>(WireJson.Options)!;
        if (format == OutputFormat.Table)
        {
            terminal.Table(
                ["sweep", "state", "begun", "would go", "bundle", "catalog"],
                sweeps.Select(s => (string[])[s.Id.ToString(), s.State, Moments.ToWire(s.StartedAt), s.WouldGo, s.Bundle, s.Catalog])
            );
            return;
        }

        foreach (var s in sweeps)
        {
            terminal.Line(
                $"{s.Id}: {s.State}, begun {Moments.ToWire(s.StartedAt)}{(s.WouldGo.Length > 0 ? $", {s.WouldGo} would go" : "")}"
            );
        }
    }

    private sealed record SweepSummary(
        Guid Id,
        string State,
        string Bundle,
        string Catalog,
        DateTimeOffset StartedAt,
        int? Total = null,
        int? Forbidden = null
    )
    {
        public string WouldGo => Forbidden is { } gone ? string.Create(CultureInfo.InvariantCulture, $"{gone} of {Total}") : "";
    }
}
