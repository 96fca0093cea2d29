using Governance.EventStore.Sagas;
using MassTransit;
using MassTransit.Context;

namespace Governance.Lifecycle.Grants;

/// <summary>Raises an event on the machine for a grant that a session already holds: for what the ledger and people say.</summary>
public sealed class GrantRaiser(GrantStateMachine machine)
{
    public GrantStateMachine Machine => machine;

    public async Task RaiseAsync<T>(ConsumeContext context, GrantSession session, Grant grant, Event<T> happened, T message)
        where T : class
    {
        var scoped = new ConsumeContextScope<T>(new MessageConsumeContext<T>(context, message), (ISagaSession<Grant>)session);
        var saga = new DefaultSagaConsumeContext<Grant, T>(scoped, grant);
        await ((StateMachine<Grant>)machine).RaiseEvent(
            new MassTransitStateMachine<Grant>.BehaviorContextProxy<T>(machine, saga, saga, happened)
        );
    }
}
