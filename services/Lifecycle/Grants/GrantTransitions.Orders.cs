using Governance.Lifecycle.KillSwitch;
using MassTransit;

namespace Governance.Lifecycle.Grants;

// An operator's order over many grants, as each of them sees it.
public sealed partial class GrantTransitions
{
    public async Task EndByOrderAsync(BehaviorContext<Grant, EndByOrder> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (grant.HoldingRevision == 0)
        {
            await DenyAsync(session, grant, [EndReason.KillSwitch], context.CancellationToken, m.Order);
            return;
        }

        await StartRevocationAsync(session, grant, EndReason.KillSwitch, m.Reason, null, context.CancellationToken, m.Order);
    }

    /// <summary>A request that was on its way when such access was ordered away comes too late.</summary>
    private async Task<bool> ArrivesTooLateAsync(
        GrantSession session,
        Grant grant,
        DateTimeOffset receivedAt,
        CancellationToken cancellationToken
    )
    {
        await OrderedGrants.HoldAsync(session.Documents, cancellationToken);
        var orders = await OrderedGrants.OrdersSinceAsync(session.Documents, receivedAt - _options.ClockTolerance, cancellationToken);
        if (orders.FirstOrDefault(o => o.Criteria().Matches(grant)) is not { } order)
        {
            return false;
        }

        await DenyAsync(session, grant, [EndReason.KillSwitch], cancellationToken, order.Id);
        return true;
    }
}
