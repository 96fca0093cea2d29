using Governance.Contracts.Lifecycle;
using Governance.Issuance.Reconciling;
using MassTransit;

namespace Governance.Issuance.Holdings;

/// <summary>Ends the back-off of what an operator wants to be tried now.</summary>
internal sealed class RetryHoldingsConsumer(HoldingStore store, Wakeups wakeups, ILogger<RetryHoldingsConsumer> logger)
    : IConsumer<RetryHoldings>
{
    public async Task Consume(ConsumeContext<RetryHoldings> context)
    {
        logger.HoldingsRetried(await store.RetryAsync(context.Message, context.CancellationToken));
        wakeups.WakeAll();
    }
}
