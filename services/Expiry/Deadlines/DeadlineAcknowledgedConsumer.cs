using Governance.Contracts.Lifecycle;
using MassTransit;

namespace Governance.Expiry.Deadlines;

internal sealed class DeadlineAcknowledgedConsumer(DeadlineStore deadlines) : IConsumer<DeadlineAcknowledged>
{
    public Task Consume(ConsumeContext<DeadlineAcknowledged> context) =>
        deadlines.AcknowledgeAsync(context.Message, context.CancellationToken);
}
