using System.Globalization;

namespace Governance.Cli.Objectives;

/// <summary>The report for people.</summary>
internal static class SloText
{
    public static void Write(Terminal terminal, OutputFormat format, SloReport report)
    {
        if (format == OutputFormat.Table)
        {
            WriteTable(terminal, report);
        }
        else
        {
            foreach (var o in report.Objectives)
            {
                terminal.Line(
                    $"{o.Objective}: {Verdict(o)}; p99 {Seconds(o.P99)} s of {Seconds(o.Aim)} s, p50 {Seconds(o.P50)} s, p95 {Seconds(o.P95)} s, "
                        + $"max {Seconds(o.Max)} s; {o.Missed} of {o.Count} missed it"
                );
            }
        }

        foreach (var o in report.Objectives)
        {
            WriteOpen(terminal, o);
        }
    }

    private static void WriteTable(Terminal terminal, SloReport report) =>
        terminal.Table(
            ["objective", "", "p99 aim", "p99", "p50", "p95", "max", "count", "missed", "open", "late"],
            report.Objectives.Select(o =>
                (string[])
                    [
                        o.Objective,
                        Verdict(o),
                        Seconds(o.Aim),
                        Seconds(o.P99),
                        Seconds(o.P50),
                        Seconds(o.P95),
                        Seconds(o.Max),
                        Number(o.Count),
                        Number(o.Missed),
                        Number(o.Open?.Count ?? 0),
                        Number(o.Open?.Late ?? 0),
                    ]
            )
        );

    private static void WriteOpen(Terminal terminal, ObjectiveFigures objective)
    {
        if (objective.Open is not { } open)
        {
            return;
        }

        var oldest = open.Oldest;
        terminal.Line(
            $"{objective.Objective}: {open.Count} not {objective.Wanted} yet, {open.Late} of them late; the longest for {Seconds(oldest.Waiting)} s: "
                + $"{oldest.Grant} {oldest.Principal} {oldest.Entitlement} is {oldest.State}"
                + (oldest.Failure is { } failure ? $"; {failure}" : "")
                + (oldest.Failure?.NextAttemptAt is { } next ? $"; next attempt {Moments.ToWire(next)}" : "")
        );
    }

    private static string Verdict(ObjectiveFigures objective) => objective.IsAsItShouldBe ? "met" : "missed";

    private static string Seconds(decimal? seconds) => seconds?.ToString("0.000", CultureInfo.InvariantCulture) ?? "-";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
