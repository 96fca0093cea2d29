using Governance.Contracts.Issuance;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using MassTransit;

namespace Governance.Lifecycle.Principals;

/// <summary>Tells each grant that waits for a holding that an attempt failed; a fault of the command itself counts as one.</summary>
internal sealed class HoldingFailedConsumer(GrantSessions sessions, GrantRaiser raiser, TimeProvider clock)
    : IConsumer<HoldingFailed>,
        IConsumer<Fault<ReconcileHolding>>
{
    public Task Consume(ConsumeContext<HoldingFailed> context) => TellAsync(context, context.Message);

    public Task Consume(ConsumeContext<Fault<ReconcileHolding>> context)
    {
        var command = context.Message.Message;
        return TellAsync(
            context,
            new HoldingFailed
            {
                Principal = command.Principal,
                Entitlement = command.Entitlement,
                Revision = command.Revision,
                Attempt = 1,
                Code = "fault",
                Message = context.Message.Exceptions.FirstOrDefault()?.Message ?? "Issuance failed to take the command.",
                FailedAt = clock.Now(),
                NextAttemptAt = clock.Now(),
            }
        );
    }

    private async Task TellAsync(ConsumeContext context, HoldingFailed failed)
    {
        await using var session = sessions.OpenFor(context, null);
        await session.OpenForPrincipalAsync(failed.Principal, context.CancellationToken);
        var ledger = await session.LedgerAsync(context.CancellationToken);
        if (!ledger.Holdings.TryGetValue(failed.Entitlement, out var holding) || failed.Revision < holding.Revision)
        {
            return;
        }

        foreach (var id in holding.Awaiting.Keys.Order())
        {
            if (await session.GrantAsync(id, context.CancellationToken) is { } grant)
            {
                await raiser.RaiseAsync(context, session, grant, raiser.Machine.Faltered, new HoldingFaltered(id, failed));
                await session.KeepAsync(LatestFailure.Of(id, failed, session.Now), context.CancellationToken);
            }
        }

        await session.SaveAsync(context.CancellationToken);
    }
}
