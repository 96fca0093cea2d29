using Governance.Contracts.Lifecycle;
using MassTransit;

namespace Governance.Expiry.Deadlines;

internal sealed class CancelDeadlineConsumer(DeadlineStore deadlines) : IConsumer<CancelDeadline>
{
    public Task Consume(ConsumeContext<CancelDeadline> context) => deadlines.CancelAsync(context.Message, context.CancellationToken);
}
