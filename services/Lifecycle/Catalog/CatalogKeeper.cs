using Governance.Lifecycle.Installation;
using Marten;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Catalog;

/// <summary>Watches the catalog's files and puts a changed, valid catalog in force. A wrong one is refused loudly, and the old one stays.</summary>
internal sealed class CatalogKeeper(
    IDocumentStore store,
    IOptions<LifecycleOptions> options,
    TimeProvider clock,
    ILogger<CatalogKeeper> logger
) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private string? _seen;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Log.CatalogNotRecorded(logger, e);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var directory = options.Value.CatalogDirectory;
        var stamp = Stamp(directory);
        if (stamp == _seen)
        {
            return;
        }

        try
        {
            await PutInForceAsync(CatalogLoader.Load(directory), cancellationToken);
        }
        catch (CatalogException e)
        {
            foreach (var error in e.Errors)
            {
                Log.CatalogRefused(logger, error);
            }
        }

        _seen = stamp;
    }

    private async Task PutInForceAsync(LoadedCatalog catalog, CancellationToken cancellationToken)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellationToken);
        await InstallationLock.TakeAsync(session, cancellationToken, InstallationLock.OfInstallation);
        var stream = await session.Events.FetchForWriting<InForce>(InForce.StreamId, cancellationToken);
        if (stream.Aggregate?.Catalog == catalog.Digest)
        {
            return;
        }

        session.Store(new StoredCatalog { Id = catalog.Digest, Content = CatalogLoader.Canonical(catalog.Content) });
        stream.AppendOne(new CatalogPutInForce(catalog.Digest, clock.Now()));
        await session.SaveChangesAsync(cancellationToken);
        Log.CatalogInForce(logger, catalog.Digest, catalog.Content.Entitlements.Count, catalog.Content.Principals.Count);
    }

    private static string Stamp(string directory) =>
        Directory.Exists(directory)
            ? string.Join(
                '|',
                Directory
                    .EnumerateFiles(directory, "*.yaml")
                    .Order(StringComparer.Ordinal)
                    .Select(f => $"{f}:{File.GetLastWriteTimeUtc(f).Ticks}:{new FileInfo(f).Length}")
            )
            : "missing";
}
