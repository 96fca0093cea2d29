namespace Governance.Catalog;

/// <summary>What a newer catalog no longer has of an older one.</summary>
public static class CatalogShrink
{
    /// <summary>
    /// The parts of which more is missing than may be: all that there was, with nothing in its place, or more than both the count and the
    /// share. Who is still there but no longer active does not count: that is said of each by itself.
    /// </summary>
    public static IReadOnlyList<CatalogLoss> Of(CatalogContent older, CatalogContent newer, double share, int count)
    {
        ArgumentNullException.ThrowIfNull(older);
        ArgumentNullException.ThrowIfNull(newer);
        return
        [
            .. Parts(older)
                .Zip(Parts(newer))
                .Select(part => new CatalogLoss(
                    part.First.Part,
                    part.First.Ids.Count,
                    part.First.Ids.Except(part.Second.Ids, StringComparer.Ordinal).Count(),
                    part.Second.Ids.Count
                ))
                .Where(loss => (loss.Before > 0 && loss.Now == 0) || (loss.Missing > count && loss.Missing > share * loss.Before)),
        ];
    }

    private static IEnumerable<(string Part, IReadOnlyCollection<string> Ids)> Parts(CatalogContent content) =>
        [
            ("targets", [.. content.Targets.Select(t => t.Id)]),
            ("entitlements", [.. content.Entitlements.Select(e => e.Id)]),
            ("people", [.. content.Principals.Where(p => p.Kind == Contracts.Decisions.PrincipalKind.Human).Select(p => p.Id)]),
            ("principals", [.. content.Principals.Where(p => p.Kind != Contracts.Decisions.PrincipalKind.Human).Select(p => p.Id)]),
            ("conflicts", [.. content.Conflicts.Select(c => c.Id)]),
            ("sources", [.. content.Sources.Select(s => s.Source)]),
        ];
}

/// <summary>What is missing of one part of a catalog.</summary>
/// <param name="Part">Its name in the files, for example <c>people</c>.</param>
/// <param name="Before">How many there were.</param>
/// <param name="Missing">How many of those are not there any more.</param>
/// <param name="Now">How many there are now.</param>
public sealed record CatalogLoss(string Part, int Before, int Missing, int Now);
