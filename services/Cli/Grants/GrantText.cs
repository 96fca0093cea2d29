using System.Text.Json;

namespace Governance.Cli.Grants;

/// <summary>Grants for people, and for programs as Lifecycle describes them.</summary>
internal static class GrantText
{
    public static void WriteList(Terminal terminal, OutputFormat format, IReadOnlyList<JsonElement> grants)
    {
        switch (format)
        {
            case OutputFormat.Json:
                terminal.Document(new { Grants = grants });
                break;
            case OutputFormat.Table:
                WriteTable(terminal, grants);
                break;
            default:
                foreach (var g in grants.Select(GrantSummary.Of))
                {
                    terminal.Line(
                        $"{g.Id}: {g.State} {g.Principal} {g.Entitlement}"
                            + (g.ExpiresAt is { } end ? $" until {Moments.ToWire(end)}" : "")
                            + (g.Failure is { } failure ? $"; {failure}; next attempt {Text(failure.NextAttemptAt)}" : "")
                    );
                }

                break;
        }
    }

    public static void WriteTable(Terminal terminal, IEnumerable<JsonElement> grants) =>
        terminal.Table(
            ["grant", "principal", "entitlement", "state", "expires", "last error", "next attempt"],
            grants
                .Select(GrantSummary.Of)
                .Select(g =>
                    (string[])
                        [
                            g.Id.ToString(),
                            g.Principal,
                            g.Entitlement,
                            g.State,
                            Text(g.ExpiresAt),
                            g.Failure?.ToString() ?? "",
                            Text(g.Failure?.NextAttemptAt),
                        ]
                )
        );

    public static void WriteOne(Terminal terminal, OutputFormat format, JsonElement document)
    {
        if (format == OutputFormat.Json)
        {
            terminal.Document(document);
            return;
        }

        var rows = Rows(GrantSummary.Of(document)).Where(r => r.Value.Length > 0).ToList();
        if (format == OutputFormat.Table)
        {
            terminal.Table(["grant", document.GetProperty("id").GetString()!], rows.Select(r => (string[])[r.Name, r.Value]));
            return;
        }

        foreach (var (name, value) in rows.Prepend(("grant", document.GetProperty("id").GetString()!)))
        {
            terminal.Line($"{name}: {value}");
        }
    }

    private static IEnumerable<(string Name, string Value)> Rows(GrantSummary g) =>
        [
            ("state", g.State),
            ("principal", g.Principal),
            ("entitlement", g.Entitlement),
            ("requester", g.Requester),
            ("ticket", g.Ticket is { } ticket ? $"{ticket.System} {ticket.Key}" : ""),
            ("requested", Text(g.RequestedAt)),
            ("starts", Text(g.StartsAt)),
            ("active since", Text(g.ActivatedAt)),
            ("expires", Text(g.ExpiresAt)),
            ("ended", Text(g.EndedAt)),
            ("ended by", g.EndReason ?? ""),
            ("order", g.Revocation?.ToString() ?? ""),
            ("decision", g.Decision is { } d ? $"{d.Outcome} ({string.Join(", ", d.Policies.Concat(d.Reasons))})" : ""),
            ("bundle", g.Decision?.Bundle ?? ""),
            (
                "at the target",
                g.Holding is { } h ? $"{h.Observed ?? "not read back yet"}, to be {h.Desired}, as of {Text(h.ObservedAt)}" : ""
            ),
            ("last error", g.Failure?.ToString() ?? ""),
            ("next attempt", Text(g.Failure?.NextAttemptAt)),
        ];

    private static string Text(DateTimeOffset? time) => time is { } t ? Moments.ToWire(t) : "";
}
