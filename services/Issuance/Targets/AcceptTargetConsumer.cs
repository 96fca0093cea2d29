using Governance.Contracts.Lifecycle;
using Governance.Issuance.Reconciling;
using MassTransit;

namespace Governance.Issuance.Targets;

/// <summary>An operator accepts who answers at a target now. Lifecycle has recorded who and why.</summary>
internal sealed class AcceptTargetConsumer(
    TargetRegister register,
    TargetCatalog targets,
    TargetGuard guard,
    Wakeups wakeups,
    ILogger<AcceptTargetConsumer> logger
) : IConsumer<AcceptTarget>
{
    public async Task Consume(ConsumeContext<AcceptTarget> context)
    {
        var acceptance = context.Message;
        if (await register.AcceptAsync(acceptance, context.CancellationToken) is not { } holdings)
        {
            return;
        }

        logger.TargetAccepted(acceptance.Target, acceptance.By, holdings);
        wakeups.WakeAll();
        if (targets.All.FirstOrDefault(one => one.Id == acceptance.Target) is { } target)
        {
            try
            {
                await guard.CheckAsync(target, context.CancellationToken);
            }
            catch (Connectors.ConnectorException)
            {
                // Told by the guard, which looks again before access is given.
            }
        }
    }
}
