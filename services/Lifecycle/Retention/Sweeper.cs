using System.Diagnostics;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Installation;
using Governance.Messaging;
using Marten;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Retention;

/// <summary>
/// Drives sweeps. It remembers nothing: where a sweep is stands in its stream and in the grants, so it goes on after a restart and beside
/// other replicas, and what two of them ask twice is answered once.
/// </summary>
/// <remarks>
/// A sweep starts from what is recorded as in force. A permit holds that until it is committed, so every grant is either active by now and
/// swept, or was decided by what is in force.
/// </remarks>
internal sealed class Sweeper(
    IDocumentStore store,
    SweptGrants grants,
    IBus bus,
    IOptions<LifecycleOptions> options,
    TimeProvider clock,
    ILogger<Sweeper> logger
) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>How long something that was asked for is given to happen before it is asked for again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Questions of so many seconds may be open at once.</summary>
    private const int SecondsAsked = 5;

    private readonly Dictionary<Guid, long> _asked = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await StepAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Log.SweepFailed(logger, e);
            }
        }
    }

    /// <summary>One step of the sweep that is due, if any is.</summary>
    internal async Task StepAsync(CancellationToken cancellationToken)
    {
        if (await CurrentAsync(cancellationToken) is not { } sweep)
        {
            return;
        }

        switch (sweep.State)
        {
            case SweepState.Judging:
                await JudgeAsync(sweep, cancellationToken);
                break;
            case SweepState.Ending:
                await EndAsync(sweep, cancellationToken);
                break;
        }
    }

    /// <summary>
    /// The sweep of what is in force now, begun if it wasn't; null while nothing can be decided yet. One that is under way is finished first
    /// where only the catalog has changed: it asks by what is in force, and catalogs may change more often than a sweep takes.
    /// </summary>
    private async Task<Sweep?> CurrentAsync(CancellationToken cancellationToken)
    {
        await using var reader = store.QuerySession();
        if (
            await reader.LoadAsync<InForce>(InForce.StreamId, cancellationToken)
            is not { Bundle: { } bundle, Catalog: { }, Changes: var changes }
        )
        {
            return null;
        }

        return await reader.LoadAsync<Sweep>(Sweep.IdOf(changes), cancellationToken)
            ?? await grants.UnderWayAsync(bundle, cancellationToken)
            ?? await BeginAsync(cancellationToken);
    }

    private async Task<Sweep?> BeginAsync(CancellationToken cancellationToken)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellationToken);
        // Waits for every permit that was decided by what was in force before.
        await InstallationLock.TakeAsync(session, cancellationToken, InstallationLock.OfInstallation);
        var inForce = (await session.LoadAsync<InForce>(InForce.StreamId, cancellationToken))!;
        var id = Sweep.IdOf(inForce.Changes);
        var stream = await session.Events.FetchForWriting<Sweep>(id, cancellationToken);
        if (stream.Aggregate is { } begun)
        {
            return begun;
        }

        stream.AppendOne(
            new SweepStarted
            {
                InForceVersion = inForce.Changes,
                Bundle = inForce.Bundle!,
                Catalog = inForce.Catalog!,
                At = clock.Now(),
            }
        );
        foreach (var older in await grants.OpenSweepsAsync(session, cancellationToken))
        {
            (await session.Events.FetchForWriting<Sweep>(older, cancellationToken)).AppendOne(new SweepSuperseded(id, clock.Now()));
        }

        await session.SaveChangesAsync(cancellationToken);
        Log.SweepMoved(logger, id, "has begun");
        _asked.Clear();
        return await session.LoadAsync<Sweep>(id, cancellationToken);
    }

    private async Task JudgeAsync(Sweep sweep, CancellationToken cancellationToken)
    {
        var progress = await grants.ProgressAsync(sweep, cancellationToken);
        // However many replicas ask, and however long Policy is away: an answer to a question that waited too long is no answer.
        var room = Math.Max(0, (options.Value.SweepRate * SecondsAsked) - progress.Asked);
        var unasked = await grants.UnaskedAsync(sweep, options.Value.SweepRate + _asked.Count, cancellationToken);
        await AskAsync(
            unasked,
            Math.Min(options.Value.SweepRate, room),
            id => new ReconsiderGrant
            {
                GrantId = id,
                Cause = EvaluationCause.Sweep,
                Sweep = sweep.Id,
            },
            cancellationToken
        );
        if (progress.Decided < progress.Active)
        {
            return;
        }

        var held =
            progress.Forbidden > options.Value.SweepGuardCount && progress.Forbidden > options.Value.SweepGuardShare * progress.Active;
        await MoveAsync(
            sweep,
            SweepState.Judging,
            new SweepJudged
            {
                Total = progress.Active,
                Forbidden = progress.Forbidden,
                Held = held,
                At = clock.Now(),
            },
            cancellationToken
        );
        if (held)
        {
            GrantMetrics.SweepHeld();
            Log.SweepHeld(logger, sweep.Id, progress.Forbidden, progress.Active);
        }
    }

    private async Task EndAsync(Sweep sweep, CancellationToken cancellationToken)
    {
        var forbidden = await grants.ForbiddenAsync(sweep, options.Value.SweepRate + _asked.Count, cancellationToken);
        if (forbidden.Count == 0)
        {
            await MoveAsync(sweep, SweepState.Ending, new SweepFinished(clock.Now()), cancellationToken);
            Log.SweepMoved(logger, sweep.Id, "is finished");
            _asked.Clear();
            return;
        }

        await AskAsync(
            forbidden,
            options.Value.SweepRate,
            id => new EndForbiddenGrant { GrantId = id, Sweep = sweep.Id },
            cancellationToken
        );
    }

    /// <summary>At most so many at once, and nobody again before they had time to answer.</summary>
    private async Task AskAsync<T>(IReadOnlyList<Guid> ids, int most, Func<Guid, T> message, CancellationToken cancellationToken)
        where T : class
    {
        var due = ids.Where(id => !_asked.TryGetValue(id, out var at) || Stopwatch.GetElapsedTime(at) > Patience).Take(most).ToList();
        await Task.WhenAll(due.Select(id => bus.PublishMandatoryAsync(message(id), NewId.NextGuid(), cancellationToken)));
        foreach (var id in _asked.Keys.Except(ids).ToList())
        {
            _asked.Remove(id);
        }

        foreach (var id in due)
        {
            _asked[id] = Stopwatch.GetTimestamp();
        }
    }

    private async Task MoveAsync(Sweep sweep, string from, object happened, CancellationToken cancellationToken)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellationToken);
        await InstallationLock.TakeAsync(session, cancellationToken, InstallationLock.OfSweep(sweep.Id));
        var stream = await session.Events.FetchForWriting<Sweep>(sweep.Id, cancellationToken);
        if (stream.Aggregate?.State == from)
        {
            stream.AppendOne(happened);
            await session.SaveChangesAsync(cancellationToken);
        }
    }
}
