using Governance.Contracts.Lifecycle;
using Governance.Messaging;
using Marten;
using MassTransit;

namespace Governance.Lifecycle.Turns;

/// <summary>
/// Moves the lines on when nobody else does. Whoever decides about a grant tells the next; when that gets lost, or no answer comes, this
/// finds out from what is stored, on every replica.
/// </summary>
internal sealed class LineKeeper(IDocumentStore store, IBus bus, TimeProvider clock, ILogger<LineKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private readonly StoredLine _line = new(store);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await MoveAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Log.LineNotMoved(logger, e);
            }
        }
    }

    /// <summary>One look; replicas may look at once, since a grant that has moved on ignores it.</summary>
    private async Task MoveAsync(CancellationToken cancellationToken)
    {
        foreach (var actor in await _line.WaitingAsync(cancellationToken))
        {
            var next = await _line.NextAsync(actor, clock.Now(), cancellationToken);
            await Task.WhenAll(
                next.Select(t =>
                    bus.PublishMandatoryAsync(new RedriveGrant { GrantId = t.Id, Version = t.Version }, NewId.NextGuid(), cancellationToken)
                )
            );
        }
    }
}
