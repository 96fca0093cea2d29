using System.Collections.Concurrent;
using Governance.Lifecycle.Installation;
using Marten;

namespace Governance.Lifecycle.Catalog;

/// <summary>Catalogs by digest. A digest never changes its meaning, so what was read once is kept.</summary>
public sealed class Catalogs
{
    private readonly ConcurrentDictionary<string, LoadedCatalog> _loaded = new(StringComparer.Ordinal);

    /// <summary>The catalog in force; null while none is.</summary>
    public async Task<LoadedCatalog?> InForceAsync(IQuerySession session, CancellationToken cancellationToken)
    {
        var inForce = await session.LoadAsync<InForce>(InForce.StreamId, cancellationToken);
        return inForce?.Catalog is { } digest ? await GetAsync(session, digest, cancellationToken) : null;
    }

    /// <summary>A catalog by its digest, or the one in force where that one is not named or was never stored; null while there is none.</summary>
    public async Task<LoadedCatalog?> FindAsync(IQuerySession session, string? digest, CancellationToken cancellationToken) =>
        digest is not null && await StoredAsync(session, digest, cancellationToken) is { } named
            ? named
            : await InForceAsync(session, cancellationToken);

    public async Task<LoadedCatalog> GetAsync(IQuerySession session, string digest, CancellationToken cancellationToken) =>
        await StoredAsync(session, digest, cancellationToken)
        ?? throw new InvalidOperationException($"The catalog {digest} is in force but is not stored.");

    private async Task<LoadedCatalog?> StoredAsync(IQuerySession session, string digest, CancellationToken cancellationToken)
    {
        if (_loaded.TryGetValue(digest, out var loaded))
        {
            return loaded;
        }

        return await session.LoadAsync<StoredCatalog>(digest, cancellationToken) is { } stored
            ? _loaded.GetOrAdd(digest, CatalogLoader.FromStored(digest, stored.Content))
            : null;
    }
}
