using Governance.EndToEnd.Tests.Running;

namespace Governance.EndToEnd.Tests.Oracle;

/// <summary>Compares what the target showed at every moment with what was recorded.</summary>
internal static class TargetInvariants
{
    /// <summary>
    /// Access appears only after an activation was begun, and is gone before an end is recorded. Recorded times lie before their commit,
    /// and a sighting lies between its two times, so neither comparison needs a tolerance but the millisecond that recording cuts off; and,
    /// where a process' own clock is wrong, by what an answer of its database took to arrive.
    /// </summary>
    public static IEnumerable<Violation> OnlyWhileCovered(
        IReadOnlyList<Sighting> sightings,
        StoredHistory history,
        SuiteCatalog catalog,
        TimeSpan tolerance
    )
    {
        var covers = ByHolding(history, catalog);
        var told = new HashSet<(string, string)>();
        foreach (var sighting in sightings)
        {
            foreach (var membership in sighting.Memberships)
            {
                if (!covers[membership].Any(g => Covers(g, sighting, tolerance)) && told.Add(membership))
                {
                    yield return new Violation(
                        $"{membership.Account} was in {membership.Privilege} at {Moments.ToWire(sighting.Before)}, but no grant covers that",
                        covers[membership].LastOrDefault(g => g.Started?.At <= sighting.After)?.Id,
                        sighting.Before
                    );
                }
            }
        }
    }

    /// <summary>
    /// From being read back to being taken away, or to its end at the latest, access is there, whatever other grants of the same holding do.
    /// What Lifecycle hears of only after its end was active all the same, and Issuance may have ended it by itself meanwhile.
    /// </summary>
    public static IEnumerable<Violation> AlwaysWhileActive(IReadOnlyList<Sighting> sightings, StoredHistory history, SuiteCatalog catalog)
    {
        foreach (var holding in ByHolding(history, catalog))
        {
            foreach (var grant in holding.Where(g => g.Activated is not null))
            {
                // Where Issuance's time does not count, the order does, and access was there some time between it and the answer.
                var since = grant.Activated!.ToldAt is null ? grant.Activated.ActivatedAt : grant.Activated.At;
                var until = grant.Revoking?.At < grant.ExpiresAt ? grant.Revoking.At : grant.ExpiresAt!.Value;
                var missing = sightings.FirstOrDefault(s =>
                    s.Before > since.AddMilliseconds(1) && s.After < until && !s.Memberships.Contains(holding.Key)
                );
                if (missing is not null)
                {
                    yield return new Violation(
                        $"{holding.Key.Account} was not in {holding.Key.Privilege} at {Moments.ToWire(missing.Before)}, while a grant was active",
                        grant.Id,
                        missing.Before
                    );
                }
            }
        }
    }

    private static bool Covers(GrantStory grant, Sighting sighting, TimeSpan tolerance) =>
        grant.Started is { } started
        && started.At <= sighting.After
        && (grant.Ended is not { } ended || sighting.Before <= ended.ObservedAt + tolerance);

    private static ILookup<(string Account, string Privilege), GrantStory> ByHolding(StoredHistory history, SuiteCatalog catalog)
    {
        var accounts = catalog.Principals.ToDictionary(p => p.Id, p => p.Account, StringComparer.Ordinal);
        var privileges = catalog.Entitlements.ToDictionary(e => e.Id, e => e.Privilege, StringComparer.Ordinal);
        return history
            .Stories.Values.Where(g => g.Started is not null)
            .OrderBy(g => g.Started!.At)
            .ToLookup(g => (accounts[g.Requested.Principal], privileges[g.Requested.Entitlement]));
    }
}
