using Governance.Contracts;

namespace Governance.Lifecycle.Installation;

/// <summary>The bundle and the catalog that decisions are made with now. One stream for the whole installation.</summary>
public sealed class InForce
{
    /// <summary>Id of the stream.</summary>
    public static readonly Guid StreamId = NameBasedUuid.Create(NameBasedUuid.GovernanceNamespace, "in-force");

    public Guid Id { get; set; }

    /// <summary>How often it has changed.</summary>
    public long Changes { get; set; }

    public string? Bundle { get; set; }

    public long Activation { get; set; }

    public string? Catalog { get; set; }

    /// <summary>A newer catalog that lacks too much of the one in force; null where none waits for an operator's word.</summary>
    public HeldCatalog? Held { get; set; }

    public void Apply(BundlePutInForce e) => (Bundle, Activation, Changes) = (e.Bundle, e.Activation, Changes + 1);

    public void Apply(CatalogPutInForce e) => (Catalog, Held, Changes) = (e.Catalog, null, Changes + 1);

    // Nothing is decided otherwise by what only waits: it is no change.
    public void Apply(CatalogHeld e) => Held = new HeldCatalog(e.Catalog, e.InForce, e.Losses, e.At, Accepted: false);

    public void Apply(CatalogHoldEnded e) => Held = Held is { } held && held.Catalog == e.Catalog ? null : Held;

    public void Apply(CatalogAccepted e) => Held = Held is { } held && held.Catalog == e.Catalog ? held with { Accepted = true } : Held;
}

/// <summary>From now on decisions are made with this bundle.</summary>
public sealed record BundlePutInForce(
    long Activation,
    string Bundle,
    string Schema,
    string Engine,
    int Policies,
    DateTimeOffset ActivatedAt,
    DateTimeOffset At
);

/// <summary>From now on facts are read from this catalog, which is kept under its digest.</summary>
public sealed record CatalogPutInForce(string Catalog, DateTimeOffset At);

/// <summary>A valid catalog is not put in force: it lacks too much of the one that is. It is kept under its digest all the same.</summary>
/// <param name="Catalog">Its digest.</param>
/// <param name="InForce">The one in force.</param>
/// <param name="Losses">What it lacks.</param>
/// <param name="At">When.</param>
public sealed record CatalogHeld(string Catalog, string InForce, IReadOnlyList<CatalogLoss> Losses, DateTimeOffset At);

/// <summary>An operator wants a held catalog to be put in force as soon as the files hold it.</summary>
/// <param name="Catalog">Its digest.</param>
/// <param name="InForce">The one in force at that moment: with another, the word is void.</param>
/// <param name="Actor">Who.</param>
/// <param name="Reason">Salted digest of why, which is kept beside the stream.</param>
/// <param name="At">When.</param>
public sealed record CatalogAccepted(string Catalog, string InForce, ActorRef Actor, string Reason, DateTimeOffset At);

/// <summary>The files do not hold that catalog any more: nothing waits for a word, and one that was said is spent.</summary>
/// <param name="Catalog">Its digest.</param>
/// <param name="At">When.</param>
public sealed record CatalogHoldEnded(string Catalog, DateTimeOffset At);

/// <summary>A catalog that waits for an operator's word, or for the files, once that is said.</summary>
/// <param name="Catalog">Its digest.</param>
/// <param name="InForce">The one in force that it is held against.</param>
/// <param name="Losses">What it lacks.</param>
/// <param name="At">Since when.</param>
/// <param name="Accepted">Whether an operator wants it.</param>
public sealed record HeldCatalog(string Catalog, string InForce, IReadOnlyList<CatalogLoss> Losses, DateTimeOffset At, bool Accepted);

/// <summary>A catalog by its digest, kept for ever: decisions refer to it.</summary>
public sealed record StoredCatalog
{
    /// <summary>The digest.</summary>
    public required string Id { get; init; }

    /// <summary>The canonical content.</summary>
    public required string Content { get; init; }
}
