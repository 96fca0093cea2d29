using MassTransit;
using MassTransit.Context;
using Microsoft.Extensions.Logging;

namespace Governance.Messaging;

/// <summary>
/// Holds a message while the service's database is away, and tries it again each second. In an error queue, a request that nobody else
/// knows of would be lost. When the service stops meanwhile, the message goes back to its queue.
/// </summary>
/// <remarks>Retries of the bus library don't nest, so this is a filter around them; each attempt has a scope of its own.</remarks>
internal sealed partial class HoldDuringOutage(TimeProvider clock, ILogger<HoldDuringOutage> logger) : IFilter<ConsumeContext>
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await next.Send(new Attempt(context)).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (DatabaseOutage.Is(e) && !context.CancellationToken.IsCancellationRequested)
            {
                if (int.IsPow2(attempt))
                {
                    Held(logger, e, context.MessageId, attempt);
                }
            }

            await Task.Delay(Period, clock, context.CancellationToken).ConfigureAwait(false);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("hold-during-outage");

    [LoggerMessage(
        1012,
        LogLevel.Warning,
        "The message {MessageId} is held, since the database is away (attempt {Attempt})",
        EventName = "MessageHeld"
    )]
    private static partial void Held(ILogger logger, Exception exception, Guid? messageId, int attempt);

    private sealed class Attempt(ConsumeContext context) : ConsumeContextScope(context)
    {
        // Not a failure of the message: nobody is told.
        public override Task NotifyFaulted<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) =>
            DatabaseOutage.Is(exception) ? Task.CompletedTask : base.NotifyFaulted(context, duration, consumerType, exception);
    }
}
