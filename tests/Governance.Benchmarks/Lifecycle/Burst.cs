namespace Governance.Benchmarks.Lifecycle;

/// <summary>Requests until each has become active and ended, some of them under way at once.</summary>
internal static class Burst
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

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
        await using var observed = new Observed(suite);
        var limit = TimeProvider.System.GetUtcNow() + Patience;
        var sent = await ActivateAsync(suite, options, catalog, run, count, window, hot, _ => options.Duration);
        await AwaitEndsAsync(observed, sent.Keys, limit);
        var (active, lateness) = await observed.TimesAsync(sent.Keys);
        return BurstResult.Of(sent, active, lateness);
    }

    /// <summary>Requests until each is answered by the target, or was denied.</summary>
    /// <param name="suite">What is measured.</param>
    /// <param name="options">How many accounts share the requests.</param>
    /// <param name="catalog">Who owns each account.</param>
    /// <param name="run">A name that no other run has.</param>
    /// <param name="count">How many requests.</param>
    /// <param name="window">How many of them are under way at once.</param>
    /// <param name="hot">Whether one human owns every account.</param>
    /// <param name="seconds">How long the access of a request lasts, asked when it is published.</param>
    /// <returns>When each was published.</returns>
    public static async Task<Dictionary<Guid, DateTimeOffset>> ActivateAsync(
        LocalSuite suite,
        BenchmarkOptions options,
        LoadCatalog catalog,
        string run,
        int count,
        int window,
        bool hot,
        Func<int, int> seconds
    )
    {
        await using var requests = await Requests.OpenAsync(suite, run);
        await using var observed = new Observed(suite);
        var sent = new Dictionary<Guid, DateTimeOffset>();
        var open = new HashSet<Guid>();
        var number = 0;
        var progress = TimeProvider.System.GetUtcNow();
        while (number < count || open.Count > 0)
        {
            while (number < count && open.Count < window)
            {
                var account = number % options.Principals;
                var (grant, at) = await requests.PublishAsync(
                    number,
                    LoadCatalog.Account(account),
                    LoadCatalog.Owner(catalog.OwnerOf(account, hot)),
                    seconds(number)
                );
                number++;
                sent[grant] = at;
                open.Add(grant);
            }

            // Asking about thousands costs the suite's own database.
            await Task.Delay(window == 1 ? 10 : Math.Max(50, open.Count));
            var states = await observed.StatesAsync(open);
            if (open.RemoveWhere(g => states.GetValueOrDefault(g) is not (null or "Evaluating" or "Activating")) > 0)
            {
                progress = TimeProvider.System.GetUtcNow();
            }
            else if (TimeProvider.System.GetUtcNow() - progress > Patience)
            {
                throw new BenchmarkException($"{open.Count} grants did not become active in ten minutes.");
            }
        }

        return sent;
    }

    public static async Task AwaitEndsAsync(Observed observed, IReadOnlyCollection<Guid> grants, DateTimeOffset limit)
    {
        // Asking costs the suite's own database: seldom, and about what is left only.
        var open = grants.ToHashSet();
        while (TimeProvider.System.GetUtcNow() < limit)
        {
            var states = await observed.StatesAsync(open);
            open.RemoveWhere(g => states.GetValueOrDefault(g) is not ("Active" or "Revoking" or "RevokeFailed"));
            if (open.Count == 0)
            {
                return;
            }

            await Task.Delay(5000);
        }
    }
}
