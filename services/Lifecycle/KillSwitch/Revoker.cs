using Governance.Lifecycle.Grants;
using Marten;
using MassTransit.Mediator;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.KillSwitch;

/// <summary>
/// Drives operators' orders. It remembers nothing: what is left of an order stands in its stream and in the grants, so it goes on after a
/// restart and beside other replicas, and a grant that two of them end is ended once.
/// </summary>
/// <remarks>
/// It needs the database only, so a broker that is away delays no decision: the targets are told when it is back. Orders take turns. Each
/// turn takes grants at random, so that replicas seldom meet, and so that a grant which can't be ended keeps no other one waiting.
/// </remarks>
internal sealed class Revoker(
    OrderedGrants grants,
    RevocationOrders orders,
    IMediator mediator,
    IOptions<LifecycleOptions> options,
    TimeProvider clock,
    ILogger<Revoker> logger
) : BackgroundService
{
    private const int GrantsATurn = 500;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await StepAsync(stoppingToken)) { }
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Log.RevokerFailed(logger, e);
            }
        }
    }

    /// <summary>One turn of every open order: ends some of what is left of it, and closes it when nothing is.</summary>
    /// <returns>Whether there is more to end, and ending it works.</returns>
    internal async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        var (left, more) = (0, false);
        foreach (var order in await grants.OpenAsync(cancellationToken))
        {
            var untouched = (await grants.UntouchedAsync(order.Id, cancellationToken)).ToArray();
            Random.Shared.Shuffle(untouched);
            var ended = 0;
            await Parallel.ForEachAsync(
                untouched.Take(GrantsATurn),
                new ParallelOptions { MaxDegreeOfParallelism = options.Value.RevocationConcurrency, CancellationToken = cancellationToken },
                async (grant, token) =>
                {
                    if (await EndAsync(order, grant, token))
                    {
                        Interlocked.Increment(ref ended);
                    }
                }
            );
            more |= ended > 0 && untouched.Length > GrantsATurn;
            var remaining = (await grants.ProgressAsync(order.Id, cancellationToken)).Left;
            left += remaining;
            if (remaining == 0)
            {
                await orders.FinishAsync(order.Id, cancellationToken);
            }
        }

        GrantMetrics.RevocationsLeft(left);
        return more;
    }

    private async Task<bool> EndAsync(RevocationOrder order, Guid grant, CancellationToken cancellationToken)
    {
        try
        {
            await mediator
                .CreateRequestClient<EndByOrder>()
                .GetResponse<GrantCommandResult>(
                    new EndByOrder
                    {
                        GrantId = grant,
                        Actor = order.Actor!,
                        Order = order.Id,
                        Reason = order.Reason,
                    },
                    cancellationToken
                );
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Log.RevocationStuck(logger, order.Id, grant, e);
            return false;
        }
    }
}
