using System.Globalization;
using Governance.Cli.Grants;

namespace Governance.Cli.Revocations;

/// <summary>Orders for people.</summary>
internal static class RevocationText
{
    public static void Write(Terminal terminal, Preview preview)
    {
        terminal.Line(Summary(preview));
        if (preview.Matched == 0)
        {
            return;
        }

        Counts(terminal, "state", preview.States.Select(s => new NameCount(s.Key, s.Value)));
        Counts(terminal, "target", preview.Targets);
        Counts(terminal, "entitlement", preview.Entitlements);
        Counts(terminal, "principal", preview.Principals);
        GrantText.WriteTable(terminal, preview.Grants);
        if (preview.Matched > preview.Grants.Count)
        {
            terminal.Line($"… and {preview.Matched - preview.Grants.Count} more.");
        }
    }

    public static string Summary(Preview preview) =>
        $"{preview.Hit} of {preview.Live} grants would be ended"
        + (preview.UnderWay > 0 ? $"; {preview.UnderWay} more are being taken away already" : "")
        + ".";

    public static void Write(Terminal terminal, Revocation order)
    {
        terminal.Line(
            $"order {order.Id}: {order.State}; of {order.Matched} grants {order.Gone} are read back as gone and {order.Prevented} were never given"
                + (order.IsFinished ? Took(order) : $"; {order.Waiting + order.Revoking} are going, {order.Failed} failed to")
        );
        foreach (var left in order.StillEffective ?? [])
        {
            terminal.Line(
                $"{left.Principal} {left.Entitlement}: grant {left.Grant} is over, and the access is {new StillEffective(left.HeldBy, left.Paths)}"
            );
        }

        if (order.Failures is { Count: > 0 } failures)
        {
            terminal.Table(
                ["grant", "principal", "entitlement", "last error", "next attempt"],
                failures.Select(f =>
                    (string[])
                        [
                            f.Grant.ToString(),
                            f.Principal,
                            f.Entitlement,
                            f.Failure?.ToString() ?? "",
                            f.Failure?.NextAttemptAt is { } next ? Moments.ToWire(next) : "",
                        ]
                )
            );
        }
    }

    private static string Took(Revocation order) =>
        order.LastEndedAt > order.OrderedAt
            ? string.Create(CultureInfo.InvariantCulture, $", after {(order.LastEndedAt.Value - order.OrderedAt).TotalSeconds:F1} s")
            : "";

    private static void Counts(Terminal terminal, string what, IEnumerable<NameCount> counts) =>
        terminal.Table([what, "grants"], counts.Select(c => (string[])[c.Name, c.Count.ToString(CultureInfo.InvariantCulture)]));
}
