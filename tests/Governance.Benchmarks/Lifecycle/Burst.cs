namespace Governance.Benchmarks.Lifecycle;

/// <summary>Requests until each has become active and ended, some of them under way at once.</summary>
internal static class Burst
{
    public static async Task<BurstResult> RunAsync(
        LocalSuite suite,
        BenchmarkOptions options,
        LoadCatalog catalog,
        string run,
        int count,
        int window,
        bool hot
    )
    {
        await using var requests = await Requests.OpenAsync(suite, run, options.Duration);
        await using var observed = new Observed(suite);
        var sent = new Dictionary<Guid, DateTimeOffset>();
        var open = new HashSet<Guid>();
        var number = 0;
        var limit = TimeProvider.System.GetUtcNow().AddMinutes(10);
        while (number < count || open.Count > 0)
        {
            while (number < count && open.Count < window)
            {
                var account = number % options.Principals;
                var (grant, at) = await requests.PublishAsync(
                    number++,
                    LoadCatalog.Account(account),
                    LoadCatalog.Owner(catalog.OwnerOf(account, hot))
                );
                sent[grant] = at;
                open.Add(grant);
            }

            await Task.Delay(window == 1 ? 10 : 50);
            var states = await observed.StatesAsync(open);
            open.RemoveWhere(g => states.GetValueOrDefault(g) is not (null or "Evaluating" or "Activating"));
            if (TimeProvider.System.GetUtcNow() > limit)
            {
                throw new BenchmarkException($"{open.Count} grants did not become active in ten minutes.");
            }
        }

        await AwaitEndsAsync(observed, sent.Keys, limit);
        var (active, lateness) = await observed.TimesAsync(sent.Keys);
        return BurstResult.Of(sent, active, lateness);
    }

    public static async Task AwaitEndsAsync(Observed observed, IReadOnlyCollection<Guid> grants, DateTimeOffset limit)
    {
        while (
            (await observed.StatesAsync(grants)).Values.Any(s => s is "Active" or "Revoking" or "RevokeFailed")
            && TimeProvider.System.GetUtcNow() < limit
        )
        {
            await Task.Delay(500);
        }
    }
}
