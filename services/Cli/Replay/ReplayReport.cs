using System.Globalization;

namespace Governance.Cli.Replay;

/// <summary>What came of a replay. Decisions that came out the same are only counted.</summary>
internal sealed class ReplayReport
{
    public int Replayed { get; private set; }

    public int Same { get; private set; }

    public int Bundles { get; set; }

    /// <summary>By this program's rules and engine, and yet not the same.</summary>
    public List<ReplayedDecision> Different { get; } = [];

    /// <summary>Made by other rules or another engine: that they come out otherwise proves nothing.</summary>
    public List<ReplayedDecision> MadeByOthers { get; } = [];

    public void Add(ReplayedDecision decision)
    {
        Replayed++;
        if (decision.IsSame)
        {
            Same++;
        }
        else
        {
            (decision.MadeBy is null ? Different : MadeByOthers).Add(decision);
        }
    }

    public void Write(Terminal terminal, OutputFormat format)
    {
        switch (format)
        {
            case OutputFormat.Json:
                terminal.Document(this);
                return;
            case OutputFormat.Table:
                terminal.Table(
                    ["sequence", "grant", "made by", "member", "recorded", "now"],
                    Different.Concat(MadeByOthers).SelectMany(Rows)
                );
                break;
            default:
                foreach (var decision in Different.Concat(MadeByOthers))
                {
                    WriteDecision(terminal, decision);
                }

                break;
        }

        terminal.Line(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Replayed} decisions replayed (bundles: {Bundles}): {Same} the same, {Different.Count} different, {MadeByOthers.Count} made by other rules or another engine ({MadeByOthers.Count(d => d.Differences.Count == 0)} of them come out the same)"
            )
        );
    }

    private static void WriteDecision(Terminal terminal, ReplayedDecision decision)
    {
        terminal.Line(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{(decision.MadeBy is null ? "different" : $"made by {decision.MadeBy}")}: sequence {decision.Sequence}, grant {decision.GrantId}, evaluation {decision.EvaluationId}"
            )
        );
        foreach (var difference in decision.Differences)
        {
            terminal.Line($"  {difference.Member}: recorded {difference.Recorded}, now {difference.Now}");
        }
    }

    private static IEnumerable<string[]> Rows(ReplayedDecision decision) =>
        decision
            .Differences.DefaultIfEmpty(new JsonDifference("", "", ""))
            .Select(difference =>
                (string[])
                    [
                        decision.Sequence.ToString(CultureInfo.InvariantCulture),
                        decision.GrantId.ToString(),
                        decision.MadeBy ?? "",
                        difference.Member,
                        difference.Recorded,
                        difference.Now,
                    ]
            );
}
