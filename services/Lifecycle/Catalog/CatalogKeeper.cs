using Governance.Files;
using Governance.Lifecycle.Installation;
using Governance.ServiceDefaults;
using Marten;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Catalog;

/// <summary>Watches the catalog's files and puts a changed, valid catalog in force. A wrong one is refused loudly, and the old one stays.</summary>
internal sealed class CatalogKeeper(
    IDocumentStore store,
    CatalogStatus status,
    IOptions<LifecycleOptions> options,
    TimeProvider clock,
    ILogger<CatalogKeeper> logger
) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private readonly DirectoryWatch _files = new(options.Value.CatalogDirectory, CatalogDirectory.Rules);
    private readonly Reloads _reloads = new("catalog");
    private string? _failure;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
                _failure = null;
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Failed(e);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (_files.Look() is not { } content)
        {
            return;
        }

        try
        {
            await PutInForceAsync(CatalogLoader.Load(content), cancellationToken);
            status.Fine();
            _reloads.Taken();
        }
        catch (CatalogException e)
        {
            foreach (var error in e.Errors)
            {
                Log.CatalogRefused(logger, error);
            }

            status.Refused(e.Errors);
            _reloads.Refused();
        }

        _files.DealtWith(content);
    }

    // What goes on for hours is told once: readiness and the metric have it meanwhile.
    private void Failed(Exception failure)
    {
        status.Failing();
        _reloads.Failed();
        var seen = $"{failure.GetType()}: {failure.Message}";
        if (seen != _failure)
        {
            Log.CatalogNotRecorded(logger, failure);
        }

        _failure = seen;
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
}
