using System.Diagnostics;
using Governance.Contracts.Expiry;
using Governance.Messaging;
using Governance.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Governance.Expiry.Firing;

/// <summary>One batch: claim, publish, mark, commit, in this order. What dies in between fires again with the same message ids.</summary>
internal sealed class FiringRound(
    NpgsqlDataSource database,
    IBus bus,
    TimeProvider clock,
    IOptions<ExpiryOptions> options,
    ILogger<FiringRound> log
)
{
    private readonly ExpiryOptions _options = options.Value;

    public async Task<Outcome> RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var due = await DueDeadlines.ClaimAsync(connection, clock.GetUtcNow(), _options.BatchSize, cancellationToken);
        if (due.Count == 0)
        {
            return new Outcome(0, 0);
        }

        CrashPoints.Reach("expiry.fire.before-publish");
        var fired = await PublishAsync(due, cancellationToken);
        CrashPoints.Reach("expiry.fire.after-publish");
        if (fired.Count > 0)
        {
            await DueDeadlines.MarkAsync(
                connection,
                [.. fired.Select(f => f.Deadline)],
                clock.GetUtcNow(),
                RepeatAfter,
                _options,
                cancellationToken
            );
            await transaction.CommitAsync(cancellationToken);
            CrashPoints.Reach("expiry.fire.after-commit");
            fired.ForEach(Measure);
        }

        return new Outcome(due.Count, fired.Count);
    }

    private async Task<List<Firing>> PublishAsync(IReadOnlyList<DueDeadline> due, CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(_options.PublishTimeout);
        var attempts = await Task.WhenAll(due.Select(d => TryPublishAsync(d, bound.Token)));
        cancellationToken.ThrowIfCancellationRequested();
        if (attempts.FirstOrDefault(a => a.Failure is not null)?.Failure is { } failure)
        {
            log.FiringFailed(failure, attempts.Count(a => a.Failure is not null), due.Count);
        }

        return [.. attempts.Where(a => a.Failure is null)];
    }

    private async Task<Firing> TryPublishAsync(DueDeadline deadline, CancellationToken cancellationToken)
    {
        try
        {
            var message = new DeadlineReached
            {
                GrantId = deadline.GrantId,
                Kind = deadline.Kind,
                Due = deadline.Due,
                Revision = deadline.Revision,
            };
            using var activity = Telemetry.Activities.StartActivity("deadline fire", ActivityKind.Internal, deadline.TraceParent);
            await bus.PublishMandatoryAsync(message, deadline.MessageId, cancellationToken).WaitAsync(cancellationToken);
            return new Firing(deadline, clock.GetUtcNow(), null);
        }
#pragma warning disable CA1031 // Whatever kept one message from being confirmed must not keep the others from being marked.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new Firing(deadline, default, e);
        }
    }

    private TimeSpan RepeatAfter(DueDeadline deadline) => RepeatDelay.After(deadline.Firings + 1, _options, Random.Shared.NextDouble());

    private static void Measure(Firing firing)
    {
        var (deadline, at, _) = firing;
        var first = deadline.Firings == 0;
        Metrics.Firings.Add(1, new KeyValuePair<string, object?>("repeat", !first), new("kind", deadline.Kind));
        if (first)
        {
            var expected = deadline.Due > deadline.ArmedAt ? deadline.Due : deadline.ArmedAt;
            Metrics.Lateness.Record(Math.Max(0, (at - expected).TotalSeconds), new KeyValuePair<string, object?>("kind", deadline.Kind));
        }
    }

    internal sealed record Outcome(int Claimed, int Fired);

    private sealed record Firing(DueDeadline Deadline, DateTimeOffset At, Exception? Failure);
}
