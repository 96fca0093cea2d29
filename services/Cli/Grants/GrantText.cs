using System.Globalization;
using System.Text.Json;
using Governance.Cli.Yaml;
using Governance.Contracts.Decisions;

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
                            + (g.Besides is { } besides ? $", {besides}" : "")
                            + (g.ExpiresAt is { } end ? $" until {Moments.ToWire(end)}" : "")
                            + (g.Failure is { } failure ? $"; {failure}" : "")
                            + (g.Failure?.NextAttemptAt is { } next ? $"; next attempt {Moments.ToWire(next)}" : "")
                            + (g.Retry is { } retry ? $"; retry ordered {retry}" : "")
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
                            g.Besides is { } besides ? $"{g.State}, {besides}" : g.State,
                            Text(g.ExpiresAt),
                            g.Failure?.ToString() ?? "",
                            Text(g.Failure?.NextAttemptAt) + (g.Retry is { } retry ? $" retry ordered {retry}" : ""),
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
            ("on behalf of", string.Join(", ", g.OnBehalfOf ?? [])),
            ("emergency", g.Emergency is true ? "yes" : ""),
            ("ticket", g.Ticket is { } ticket ? $"{ticket.System} {ticket.Key}" : ""),
            ("requested", Text(g.RequestedAt)),
            ("requested for", IsoDuration.Format(g.RequestedDuration)),
            ("given for", g.Duration is { } given ? IsoDuration.Format(given) : ""),
            ("revision", g.Revision is { } revision ? revision.ToString(CultureInfo.InvariantCulture) : ""),
            ("starts", Text(g.StartsAt)),
            ("active since", Text(g.ActivatedAt)),
            ("expires", Text(g.ExpiresAt)),
            ("ended", Text(g.EndedAt)),
            ("ended by", g.EndReason ?? ""),
            ("still there", g.StillEffective?.ToString() ?? ""),
            ("order", g.Revocation?.ToString() ?? ""),
            ("decision", g.Decision is { } d ? $"{d.Outcome} ({string.Join(", ", d.Policies.Concat(d.Reasons))})" : ""),
            ("nearest", g.Decision?.Nearest?.Describe() ?? ""),
            .. Words(g.Decision?.Because),
            ("bundle", g.Decision?.Bundle ?? ""),
            .. (g.Gates ?? g.Decision?.Gates ?? []).Select(gate => ("gate " + gate.Id, Text(gate))),
            .. (g.Approvers ?? []).Select(a => ("may approve for " + a.From, a.People.Count > 0 ? string.Join(", ", a.People) : "nobody")),
            .. (g.Approvals ?? []).Select(a => ("approved by " + a.Approver, Text(a))),
            .. (g.Decision?.Uncounted ?? []).Select(u => ("does not count", $"the approval of {u.Approver}: {u.Code}")),
            .. Obligations(g),
            .. Retention(g.Retention),
            .. Renewal(g.Renewal),
            .. Resumption(g.Suspension),
            (
                "at the target",
                g.Holding is { } h
                    ? $"{h.Observed ?? "not read back yet"}, to be {h.Desired}{(h.ObservedAt is { } at ? $", as of {Moments.ToWire(at)}, {Ago(at)}" : "")}{(h.Fenced is false ? "; the target is not fenced" : "")}"
                    : ""
            ),
            ("narrowed by", string.Join("; ", (g.Holding?.Narrowed ?? []).Select(Shown.Whole))),
            ("last error", g.Failure?.ToString() ?? ""),
            ("next attempt", Text(g.Failure?.NextAttemptAt)),
            ("retry ordered", g.Retry?.ToString() ?? ""),
        ];

    private static IEnumerable<(string Name, string Value)> Retention(SummaryDecision? retention) =>
        retention is null
            ? []
            :
            [
                ("may stay", $"{retention.Outcome} ({string.Join(", ", retention.Policies.Concat(retention.Reasons))})"),
                ("nearest to stay", retention.Nearest?.Describe() ?? ""),
                .. Words(retention.Because),
            ];

    private static IEnumerable<(string Name, string Value)> Renewal(SummaryRenewal? renewal) =>
        renewal is null
            ? []
            :
            [
                (
                    "renewal",
                    $"{renewal.Status}, asked for by {renewal.Requester} for {IsoDuration.Format(renewal.Duration)}{Codes(renewal.Reasons)}"
                ),
                ("nearest to renew", renewal.Nearest?.Describe() ?? ""),
                .. Words(renewal.Because),
            ];

    private static IEnumerable<(string Name, string Value)> Resumption(SummarySuspension? suspension) =>
        suspension is null
            ? []
            :
            [
                ("suspended by", $"{suspension.By} at {Moments.ToWire(suspension.StartedAt)}"),
                ("not given back", suspension.Refused is { } refused ? string.Join(", ", refused) : ""),
                ("nearest to resume", suspension.Nearest?.Describe() ?? ""),
                .. Words(suspension.Because),
            ];

    private static string Codes(IReadOnlyList<string>? reasons) => reasons is null ? "" : $" ({string.Join(", ", reasons)})";

    private static IEnumerable<(string Name, string Value)> Words(IReadOnlyList<SummaryWords>? because) =>
        (because ?? []).SelectMany(w =>
            new[]
            {
                ("policy " + w.Policy, w.Reason is null ? "" : Shown.Whole(w.Reason)),
                ("advice of " + w.Policy, w.Advice is null ? "" : Shown.Whole(w.Advice)),
            }
        );

    // How old a look is says what it is worth.
    private static string Ago(DateTimeOffset at)
    {
        var age = TimeProvider.System.GetUtcNow() - at;
        return age.TotalSeconds < 1 ? "just now"
            : age.TotalMinutes < 2 ? FormattableString.Invariant($"{age.TotalSeconds:0} s ago")
            : age.TotalHours < 2 ? FormattableString.Invariant($"{age.TotalMinutes:0} min ago")
            : age.TotalDays < 2 ? FormattableString.Invariant($"{age.TotalHours:0} h ago")
            : FormattableString.Invariant($"{age.TotalDays:0} days ago");
    }

    private static IEnumerable<(string Name, string Value)> Obligations(GrantSummary g) =>
        g.Obligations is not { } o
            ? []
            :
            [
                ("at most", o.MaxDuration is { } most ? IsoDuration.Format(most) : ""),
                ("review within", o.ReviewWithin is { } within ? IsoDuration.Format(within) + Text(g.Review) : ""),
                ("ends with the ticket", o.BoundToTicket ? "yes" : ""),
                ("not before", Text(o.NotBefore)),
                ("tells", string.Join(", ", o.Notify)),
            ];

    private static string Text(SummaryReview? review) =>
        review switch
        {
            null => "",
            { ReviewedAt: { } at } => $", done by {review.Reviewer} at {Moments.ToWire(at)}",
            _ => $", due at {Moments.ToWire(review.Due)}",
        };

    private static string Text(Gate gate) =>
        $"needs {gate.Requirement}"
        + (gate.Reason is { } reason ? $" ({reason})" : "")
        + (gate.Discharged ? "; opened" : "; not open")
        + string.Concat(gate.Slots.Where(s => s.Approver is not null).Select(s => $"; {s.From}: {s.Approver}"));

    private static string Text(SummaryApproval approval) =>
        Moments.ToWire(approval.At)
        + $", {YamlScalars.NameOf(approval.Assurance)} by {approval.Via}"
        + (approval.Duration is { } most ? $", for at most {IsoDuration.Format(most)}" : "")
        + (approval.Revision is { } revision ? string.Create(CultureInfo.InvariantCulture, $", revision {revision}") : "");

    private static string Text(DateTimeOffset? time) => time is { } t ? Moments.ToWire(t) : "";
}
