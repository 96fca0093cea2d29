using Governance.Files;
using Governance.Lifecycle.Installation;
using Governance.ServiceDefaults;
using JasperFx.Events;
using Marten;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Catalog;

/// <summary>Watches the catalog's files and puts a changed, valid catalog in force. A wrong one is refused loudly, and the old one stays.</summary>
internal sealed class CatalogKeeper(
    IDocumentStore store,
    Catalogs catalogs,
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
    private LoadedCatalog? _held;
    private IReadOnlyList<string>? _refused;

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
            if (_files.Settled)
            {
                await EndHoldOfRefusedAsync(cancellationToken);
                await LookAtHeldAsync(cancellationToken);
            }

            return;
        }

        (_held, _refused) = (null, null);
        try
        {
            await TakeAsync(CatalogLoader.Load(content, options.Value.MoreTargetKinds), cancellationToken);
        }
        catch (CatalogException e)
        {
            foreach (var error in e.Errors)
            {
                Log.CatalogRefused(logger, error);
            }

            status.Refused(e.Errors);
            _reloads.Refused();
            _refused = e.Errors;
        }

        _files.DealtWith(content);
        await EndHoldOfRefusedAsync(cancellationToken);
    }

    // Its files stay as they are: what can change is what an operator says, and what is in force.
    private async Task LookAtHeldAsync(CancellationToken cancellationToken)
    {
        if (_held is not { } held)
        {
            return;
        }

        await using var session = store.QuerySession();
        // After a failure it is looked at anew, so that readiness says again why it is held.
        if (
            _failure is null
            && await session.LoadAsync<InForce>(InForce.StreamId, cancellationToken) is { Held: { Accepted: false } waiting } now
            && (waiting.Catalog, waiting.InForce) == (held.Digest, now.Catalog)
        )
        {
            return;
        }

        await TakeAsync(held, cancellationToken);
    }

    private async Task TakeAsync(LoadedCatalog catalog, CancellationToken cancellationToken)
    {
        if (await PutInForceAsync(catalog, cancellationToken) is not { } held)
        {
            _held = null;
            status.Fine();
            _reloads.Taken();
            return;
        }

        var losses = string.Join(", ", held.Losses.Select(l => $"{l.Missing} of {l.Before} {l.Part}"));
        _held = catalog;
        status.Held(catalog.Digest, losses);
        _reloads.Held();
        Log.CatalogHeld(logger, catalog.Digest, held.InForce, losses);
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

    /// <returns>Why it is not put in force; null when it is.</returns>
    private async Task<HeldCatalog?> PutInForceAsync(LoadedCatalog catalog, CancellationToken cancellationToken)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellationToken);
        await InstallationLock.TakeAsync(session, cancellationToken, InstallationLock.OfInstallation);
        var stream = await session.Events.FetchForWriting<InForce>(InForce.StreamId, cancellationToken);
        var now = stream.Aggregate;
        if (now?.Catalog == catalog.Digest)
        {
            await EndHoldAsync(session, stream, cancellationToken);
            return null;
        }

        session.Store(new StoredCatalog { Id = catalog.Digest, Content = CatalogLoader.Canonical(catalog.Content) });
        if (now?.Catalog is { } inForce && await LossesAsync(session, inForce, catalog, cancellationToken) is { Count: > 0 } losses)
        {
            var known = now.Held is { } one && (one.Catalog, one.InForce) == (catalog.Digest, inForce) ? one : null;
            if (known is null)
            {
                stream.AppendOne(new CatalogHeld(catalog.Digest, inForce, losses, clock.Now()));
                await session.SaveChangesAsync(cancellationToken);
            }

            if (known is not { Accepted: true })
            {
                return new HeldCatalog(catalog.Digest, inForce, losses, clock.Now(), Accepted: false);
            }
        }

        stream.AppendOne(new CatalogPutInForce(catalog.Digest, clock.Now()));
        await session.SaveChangesAsync(cancellationToken);
        Log.CatalogInForce(logger, catalog.Digest, catalog.Content.Entitlements.Count, catalog.Content.Principals.Count);
        return null;
    }

    // What the files hold is no catalog at all. That is told once, also where the store is away and this is tried again.
    private async Task EndHoldOfRefusedAsync(CancellationToken cancellationToken)
    {
        if (_refused is not { } errors)
        {
            return;
        }

        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellationToken);
        await InstallationLock.TakeAsync(session, cancellationToken, InstallationLock.OfInstallation);
        await EndHoldAsync(session, await session.Events.FetchForWriting<InForce>(InForce.StreamId, cancellationToken), cancellationToken);
        status.Refused(errors);
        _refused = null;
    }

    // Another replica whose files do hold it finds at its next look that nothing waits, and holds it again.
    private async Task EndHoldAsync(IDocumentSession session, IEventStream<InForce> stream, CancellationToken cancellationToken)
    {
        if (stream.Aggregate?.Held is not { } held)
        {
            return;
        }

        stream.AppendOne(new CatalogHoldEnded(held.Catalog, clock.Now()));
        await session.SaveChangesAsync(cancellationToken);
        Log.CatalogHoldEnded(logger, held.Catalog);
    }

    private async Task<IReadOnlyList<CatalogLoss>> LossesAsync(
        IDocumentSession session,
        string inForce,
        LoadedCatalog newer,
        CancellationToken cancellationToken
    ) =>
        CatalogShrink.Of(
            (await catalogs.GetAsync(session, inForce, cancellationToken)).Content,
            newer.Content,
            options.Value.CatalogShrinkShare,
            options.Value.CatalogShrinkCount
        );
}
