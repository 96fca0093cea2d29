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

    public void Apply(BundlePutInForce e) => (Bundle, Activation, Changes) = (e.Bundle, e.Activation, Changes + 1);

    public void Apply(CatalogPutInForce e) => (Catalog, Changes) = (e.Catalog, Changes + 1);
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

/// <summary>A catalog by its digest, kept for ever: decisions refer to it.</summary>
public sealed record StoredCatalog
{
    /// <summary>The digest.</summary>
    public required string Id { get; init; }

    /// <summary>The canonical content.</summary>
    public required string Content { get; init; }
}
