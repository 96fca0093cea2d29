using Governance.Grpc.V1;
using Governance.Intake.Door;
using Governance.Intake.Reading;
using Grpc.Core;
using Marten;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Governance.Intake.Names;

/// <summary>
/// Who proves to be which source, as the catalog had it when Lifecycle last answered: so repeats are recognised while Lifecycle is away,
/// also by a process that started since.
/// </summary>
internal sealed class KnownSources(
    NameResolver names,
    IDocumentStore store,
    IOptions<IntakeOptions> options,
    TimeProvider clock,
    ILogger<KnownSources> logger
) : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private volatile SourcesRecord? _known;
    private volatile Answered _last = new(null, DateTimeOffset.MinValue, "it was not asked yet");

    /// <summary>Whether a message's publisher proves to be its source; null when that is not known here.</summary>
    public bool? IsProven(IncomingMessage message, Delivery delivery) =>
        delivery.Publisher is null ? false
        : _known is not { } known ? null
        : known.Sources.Any(s =>
            s.Source == message.Source
            && (
                (delivery.VerifiedUser.Length > 0 && s.Users.Contains(delivery.VerifiedUser, StringComparer.Ordinal))
                || (delivery.VerifiedCaller is { } caller && s.Callers.Contains(caller, StringComparer.Ordinal))
            )
        );

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var last = _last;
        return Task.FromResult(
            last.Timestamp is { } at && clock.GetElapsedTime(at) <= Patience
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy(
                    $"Lifecycle does not answer at {options.Value.LifecycleUrl}"
                        + (last.Timestamp is null ? "" : $" since {Moments.ToWire(last.At)}")
                        + $": {last.Problem}. New requests over AMQP wait and those over HTTP get 503; repeats are still recognised."
                )
        );
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.SourcesNotKept(logger, e);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (_known is null)
        {
            await using var reader = store.QuerySession();
            _known = await reader.LoadAsync<SourcesRecord>(SourcesRecord.TheOne, cancellationToken);
        }

        SourcesResponse answer;
        try
        {
            answer = await names.SourcesAsync(cancellationToken);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unimplemented)
        {
            // An earlier Lifecycle: it is there, and tells of each message's source when it is asked for the names in it.
            _last = new Answered(clock.GetTimestamp(), clock.Now(), "");
            return;
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            _last = _last with { Problem = $"{e.StatusCode}, {e.Status.Detail}" };
            return;
        }

        if (_known?.Catalog != answer.CatalogDigest)
        {
            var changed = SourcesRecord.Of(answer);
            await using var session = store.LightweightSession();
            session.Store(changed);
            await session.SaveChangesAsync(cancellationToken);
            _known = changed;
        }

        _last = new Answered(clock.GetTimestamp(), clock.Now(), "");
    }

    private sealed record Answered(long? Timestamp, DateTimeOffset At, string Problem);
}

/// <summary>The catalog's sources, kept for when Lifecycle is away.</summary>
internal sealed record SourcesRecord
{
    public const string TheOne = "sources";

    public string Id { get; init; } = TheOne;

    /// <summary>Digest of the catalog.</summary>
    public required string Catalog { get; init; }

    public required IReadOnlyList<ProvenSource> Sources { get; init; }

    public static SourcesRecord Of(SourcesResponse answer) =>
        new()
        {
            Catalog = answer.CatalogDigest,
            Sources = [.. answer.Sources.Select(s => new ProvenSource(s.Source, [.. s.Users], [.. s.Callers]))],
        };
}

/// <summary>A source, and who proves to be it.</summary>
internal sealed record ProvenSource(string Source, IReadOnlyList<string> Users, IReadOnlyList<string> Callers);
