using System.Diagnostics;
using Governance.Contracts.Lifecycle;
using MassTransit;

namespace Governance.Issuance.Holdings;

/// <summary>Commits what should be. The target is never called from here.</summary>
internal sealed class ReconcileHoldingConsumer(HoldingStore store) : IConsumer<ReconcileHolding>
{
    public Task Consume(ConsumeContext<ReconcileHolding> context) =>
        store.RaiseAsync(context.Message, Activity.Current?.Id, context.CancellationToken);
}
