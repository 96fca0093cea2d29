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

    public async Task<LoadedCatalog> GetAsync(IQuerySession session, string digest, CancellationToken cancellationToken)
    {
        if (_loaded.TryGetValue(digest, out var loaded))
        {
            return loaded;
        }

        var stored =
            await session.LoadAsync<StoredCatalog>(digest, cancellationToken)
            ?? throw new InvalidOperationException($"The catalog {digest} is in force but is not stored.");
        return _loaded.GetOrAdd(digest, CatalogLoader.FromStored(digest, stored.Content));
    }
}
