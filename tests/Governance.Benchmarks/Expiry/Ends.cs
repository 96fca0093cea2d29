using System.Globalization;
using Governance.Benchmarks.Lifecycle;

namespace Governance.Benchmarks.Expiry;

/// <summary>Grants that are all active before the first of them ends.</summary>
/// <param name="suite">What is measured.</param>
/// <param name="options">How many accounts share the grants, and how many requests are under way at once.</param>
/// <param name="catalog">Who owns each account.</param>
/// <param name="requestsPerSecond">How fast the suite was seen to activate before: how far ahead the ends have to lie.</param>
internal sealed class Ends(LocalSuite suite, BenchmarkOptions options, LoadCatalog catalog, double requestsPerSecond)
{
    // Fewer say little of how fast many are.
    private const int Telling = 500;

    private double _requestsPerSecond = requestsPerSecond;

    /// <returns>How many did not end.</returns>
    public async Task<int> MeasureAsync(string run, int count, double perSecond)
    {
        await using var observed = new Observed(suite);
        var begun = TimeProvider.System.GetUtcNow();
        var from = begun.AddSeconds(15 + (count / _requestsPerSecond * 1.3));
        var sent = await Burst.ActivateAsync(
            suite,
            options,
            catalog,
            run,
            count,
            options.Window,
            hot: false,
            // Time counts from activation, a moment after this.
            i => (int)Math.Max(1, Math.Round((from.AddSeconds(i / perSecond) - TimeProvider.System.GetUtcNow()).TotalSeconds))
        );
        var ready = TimeProvider.System.GetUtcNow();
        if (count >= Telling)
        {
            _requestsPerSecond = count / (ready - begun).TotalSeconds;
        }

        var until = from.AddSeconds(count / perSecond);
        await Task.Delay(until - TimeProvider.System.GetUtcNow() is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
        await Burst.AwaitEndsAsync(observed, sent.Keys, TimeProvider.System.GetUtcNow().AddMinutes(10));
        var (first, last, gone) = await observed.EndsAsync(sent.Keys);
        var (active, lateness) = await observed.TimesAsync(sent.Keys);
        Figures.Print("all active before the first end", ready < first ? "yes" : $"no, {Seconds(ready - first)} after it");
        Figures.Print(
            "ends lie within",
            $"{Seconds(last - first)}: {Figures.Number(active.Count / Math.Max(1, (last - first).TotalSeconds))} a second"
        );
        Figures.Print("last end to last gone", Seconds(gone - last));
        Figures.Print("end to gone at the target", Figures.Describe(lateness));
        Figures.Print("not active / not ended", $"{sent.Count - active.Count} / {active.Count - lateness.Count}");
        return active.Count - lateness.Count;
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture) + " s";
}
