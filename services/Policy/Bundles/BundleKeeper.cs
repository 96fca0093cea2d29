using Governance.Cedar;
using Governance.Cedar.Bundles;
using Governance.Contracts.Policy;
using Governance.Files;
using Governance.Messaging;
using Governance.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Governance.Policy.Bundles;

/// <summary>
/// Watches the policies' files. A changed, valid bundle is stored, activated and announced; a wrong one is refused whole and loudly, and the
/// old one stays. What is to be in force is announced again and again, so no announcement can get lost.
/// </summary>
internal sealed class BundleKeeper(
    BundleStore store,
    CedarEngine engine,
    BundleStatus status,
    IBus bus,
    IOptions<PolicyOptions> options,
    TimeProvider clock,
    ILogger<BundleKeeper> logger
) : BackgroundService
{
    private readonly DirectoryWatch _files = new(options.Value.BundleDirectory, PolicyBundle.Rules);
    private readonly Reloads _reloads = new("bundle");
    private string? _failure;
    private bool _migrated;
    private string? _newer;
    private string _doing = "";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var period = options.Value.ReloadPeriod < options.Value.AnnouncePeriod ? options.Value.ReloadPeriod : options.Value.AnnouncePeriod;
        using var timer = new PeriodicTimer(period, clock);
        long? announced = null;
        do
        {
            try
            {
                if (!_migrated)
                {
                    await store.MigrateAsync(stoppingToken);
                    _migrated = true;
                }

                if (
                    await LookAsync(stoppingToken)
                    || _newer is not null
                    || announced is not { } last
                    || clock.GetElapsedTime(last) >= options.Value.AnnouncePeriod
                )
                {
                    _doing = _newer is null
                        ? "The bundle in force could not be announced again"
                        : $"The newer bundle {_newer} could not be announced, and the old one stays";
                    await AnnounceAsync(stoppingToken);
                    _newer = null;
                    announced = clock.GetTimestamp();
                }

                Recovered();
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Failed(e);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        _doing = "The policies' files could not be looked at, and the bundle in force stays";
        if (_files.Look() is not { } content)
        {
            return false;
        }

        var loaded = PolicyBundle.FromDirectory(engine, content);
        if (loaded.Bundle is not { } bundle)
        {
            foreach (var fault in loaded.Faults)
            {
                Log.BundleRefused(logger, fault.ToString());
            }

            status.Refused([.. loaded.Faults.Select(f => f.ToString())]);
            _reloads.Refused();
            _files.DealtWith(content);
            return false;
        }

        var newer = status.Bundle is { } old && old.Digest != bundle.Digest ? bundle.Digest : null;
        _doing = newer is null ? "The bundle could not be stored" : $"The newer bundle {newer} could not be stored, and the old one stays";
        var activation = await store.ActivateAsync(bundle, clock.Now(), cancellationToken);
        status.Loaded(bundle, activation);
        _reloads.Taken();
        _files.DealtWith(content);
        _newer = newer;
        Log.BundleActivated(logger, bundle.Digest, bundle.Policies.Count, activation.Number);
        return true;
    }

    // What goes on for hours is told once: readiness and the metric have it meanwhile.
    private void Failed(Exception failure)
    {
        status.Failing(_doing);
        _reloads.Failed();
        var seen = $"{failure.GetType()}: {failure.Message}";
        if (seen != _failure)
        {
            Log.BundleNotAnnounced(logger, seen);
        }

        _failure = seen;
    }

    private void Recovered()
    {
        if (_failure is null)
        {
            return;
        }

        _failure = null;
        status.Failing(null);
        if (status.Faults.Count == 0)
        {
            _reloads.Taken();
        }
    }

    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        if (await store.LatestAsync(cancellationToken) is not { } latest)
        {
            return;
        }

        var bundle = await store.GetAsync(latest.Digest, cancellationToken);
        status.InForce(bundle, latest);
        await bus.PublishMandatoryAsync(
            new BundleAnnounced
            {
                Activation = latest.Number,
                Bundle = bundle.Digest,
                Schema = bundle.SchemaDigest,
                Engine = $"cedar-wasm {engine.EngineVersion}",
                Policies = bundle.Policies.Count,
                ActivatedAt = latest.At,
            },
            NewId.NextGuid(),
            cancellationToken
        );
    }
}
