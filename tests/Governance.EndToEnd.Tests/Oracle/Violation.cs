using System.Text;
using Governance.EndToEnd.Tests.Running;

namespace Governance.EndToEnd.Tests.Oracle;

/// <summary>Something that must never be.</summary>
/// <param name="What">In a sentence.</param>
/// <param name="Stream">The grant or ledger that it is about.</param>
/// <param name="At">When it was seen, for what happened around that time.</param>
internal sealed record Violation(string What, Guid? Stream = null, DateTimeOffset? At = null)
{
    private const int Shown = 5;

    /// <summary>Fails with what is wrong, the history of what it is about, and what the harness did at that time.</summary>
    public static void AssertNone(IEnumerable<Violation> violations, StoredHistory history, Journal journal)
    {
        var all = violations.ToList();
        if (all.Count == 0)
        {
            return;
        }

        var text = new StringBuilder($"{all.Count} violation(s)\n");
        foreach (var violation in all.Take(Shown))
        {
            text.AppendLine("  " + violation.What);
            if (violation.Stream is { } stream)
            {
                text.AppendLine($"   events of {stream}:").AppendLine(history.Timeline(stream));
                var events = history.Streams[stream].ToList();
                if (events.Count > 0)
                {
                    Around(text, journal, violation.At ?? events[0].At, violation.At ?? events[^1].At);
                }
            }
            else if (violation.At is { } at)
            {
                Around(text, journal, at, at);
            }
        }

        Assert.Fail(text.ToString());
    }

    private static void Around(StringBuilder text, Journal journal, DateTimeOffset from, DateTimeOffset until)
    {
        text.AppendLine("   what the harness did then:");
        foreach (var line in journal.Around(from, until))
        {
            text.AppendLine("    " + line);
        }
    }
}
