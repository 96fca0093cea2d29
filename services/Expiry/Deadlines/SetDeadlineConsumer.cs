using Governance.Contracts.Lifecycle;
using MassTransit;

namespace Governance.Expiry.Deadlines;

internal sealed class SetDeadlineConsumer(DeadlineStore deadlines) : IConsumer<SetDeadline>
{
    public Task Consume(ConsumeContext<SetDeadline> context) => deadlines.SetAsync(context.Message, context.CancellationToken);
}
