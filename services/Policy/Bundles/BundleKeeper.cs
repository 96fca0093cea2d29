using Governance.Cedar;
using Governance.Cedar.Bundles;
using Governance.Contracts.Policy;
using Governance.Messaging;
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
    private string? _seen;
    private bool _migrated;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ReloadPeriod, clock);
        var announced = DateTimeOffset.MinValue;
        do
        {
            try
            {
                if (!_migrated)
                {
                    await store.MigrateAsync(stoppingToken);
                    _migrated = true;
                }

                var changed = await LookAsync(stoppingToken);
                if (changed || clock.GetUtcNow() - announced >= options.Value.AnnouncePeriod)
                {
                    await AnnounceAsync(stoppingToken);
                    announced = clock.GetUtcNow();
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Log.BundleNotAnnounced(logger, e);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        var stamp = Stamp(options.Value.BundleDirectory);
        if (stamp == _seen)
        {
            return false;
        }

        var loaded = PolicyBundle.LoadDirectory(engine, options.Value.BundleDirectory);
        if (loaded.Bundle is not { } bundle)
        {
            foreach (var fault in loaded.Faults)
            {
                Log.BundleRefused(logger, fault.ToString());
            }

            status.Refused([.. loaded.Faults.Select(f => f.ToString())]);
            _seen = stamp;
            return false;
        }

        var activation = await store.ActivateAsync(bundle, clock.Now(), cancellationToken);
        status.Loaded(bundle, activation);
        _seen = stamp;
        Log.BundleActivated(logger, bundle.Digest, bundle.Policies.Count, activation.Number);
        return true;
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

    private static string Stamp(string directory) =>
        Directory.Exists(directory)
            ? string.Join(
                '|',
                Directory
                    .EnumerateFiles(directory)
                    .Where(f => f.EndsWith(".cedar", StringComparison.Ordinal) || f.EndsWith(".cedarschema", StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal)
                    .Select(f => $"{f}:{File.GetLastWriteTimeUtc(f).Ticks}:{new FileInfo(f).Length}")
            )
            : "missing";
}
