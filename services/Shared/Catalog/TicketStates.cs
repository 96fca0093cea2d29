using System.Collections.Frozen;

namespace Governance.Catalog;

/// <summary>What the words of ticket systems mean. A word that is not known means nothing: it approves nothing, and is alerted on.</summary>
public static class TicketStates
{
    private static readonly FrozenDictionary<string, string> Words = new (string Meaning, string[] Words)[]
    {
        (CatalogSource.Approved, ["approved"]),
        (CatalogSource.Rejected, ["rejected", "declined", "denied", "not approved"]),
        (
            CatalogSource.Closed,
            [
                "closed",
                "closed complete",
                "closed incomplete",
                "closed skipped",
                "closed successful",
                "closed unsuccessful",
                "closed - complete",
                "closed - incomplete",
                "cancelled",
                "canceled",
                "complete",
                "completed",
                "done",
                "resolved",
            ]
        ),
        (
            CatalogSource.Open,
            [
                "open",
                "new",
                "draft",
                "to do",
                "requested",
                "pending",
                "pending approval",
                "awaiting approval",
                "waiting for approval",
                "assess",
                "authorize",
                "assigned",
                "scheduled",
                "implement",
                "review",
                "in progress",
                "work in progress",
                "in review",
                "on hold",
                "waiting",
                "reopened",
            ]
        ),
    }
        .SelectMany(m => m.Words.Select(word => (word, m.Meaning)))
        .ToFrozenDictionary(w => w.word, w => w.Meaning, StringComparer.Ordinal);

    /// <summary>What a word means in the mouth of a source: as the catalog says, else as everybody says; null if nobody knows.</summary>
    public static string? MeaningOf(LoadedCatalog? catalog, string source, string word) =>
        catalog?.MeaningOf(source, word) ?? Words.GetValueOrDefault(word);

    /// <summary>What policies are told: one word for approved, rejected and closed, however the system calls it; else its own.</summary>
    public static string? Seen(LoadedCatalog catalog, string source, string? word, bool closed) =>
        closed ? CatalogSource.Closed
        : word is not null && MeaningOf(catalog, source, word) is { } meaning && meaning != CatalogSource.Open ? meaning
        : word;
}
