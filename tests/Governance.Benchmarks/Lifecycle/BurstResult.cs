namespace Governance.Benchmarks.Lifecycle;

/// <summary>What a run of requests showed.</summary>
internal sealed record BurstResult(
    double RequestsPerSecond,
    IReadOnlyList<double> ToActiveMs,
    IReadOnlyList<double> LatenessMs,
    int Failed,
    int Unended
)
{
    public static BurstResult Of(Dictionary<Guid, DateTimeOffset> sent, Dictionary<Guid, DateTimeOffset> active, List<double> lateness)
    {
        var took = active.Count == 0 ? double.NaN : (active.Values.Max() - sent.Values.Min()).TotalSeconds;
        return new BurstResult(
            active.Count / took,
            [.. active.Select(a => (a.Value - sent[a.Key]).TotalMilliseconds)],
            lateness,
            sent.Count - active.Count,
            active.Count - lateness.Count
        );
    }

    public void Print()
    {
        Figures.Print("requests/s to Active", Figures.Number(RequestsPerSecond));
        Figures.Print("publish to Active", Figures.Describe(ToActiveMs));
        Figures.Print("end to gone at the target", Figures.Describe(LatenessMs));
        Figures.Print("not active / not ended", $"{Failed} / {Unended}");
    }
}
