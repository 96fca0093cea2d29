using Governance.Lifecycle.Grants;
using MassTransit;
using MassTransit.SagaStateMachine;

namespace Governance.Lifecycle.Tests.Machine;

internal sealed record Transition(string From, string Event, string To);

/// <summary>Every transition that the machine declares. Its own graph has one node per event, which mixes up the states that an event joins.</summary>
internal sealed class Transitions : StateMachineVisitor
{
    private readonly List<Transition> _found = [];
    private readonly HashSet<(string State, string Event)> _acting = [];
    private string _state = "";
    private string _event = "";

    public static IReadOnlyList<Transition> Of(GrantStateMachine machine) => [.. Visited(machine)._found.Distinct()];

    /// <summary>Whether anything runs when the event comes in the state.</summary>
    public static bool Acts(GrantStateMachine machine, string state, string name) => Visited(machine)._acting.Contains((state, name));

    public void Visit(State state, Action<State> next)
    {
        _state = state.Name;
        next(state);
    }

    public void Visit(Event @event, Action<Event> next)
    {
        _event = @event.Name;
        next(@event);
    }

    public void Visit<TMessage>(Event<TMessage> @event, Action<Event<TMessage>> next)
        where TMessage : class
    {
        _event = @event.Name;
        next(@event);
    }

    public void Visit(IStateMachineActivity activity) => Look(activity);

    public void Visit(IStateMachineActivity activity, Action<IStateMachineActivity> next)
    {
        Look(activity);
        next(activity);
    }

    public void Visit<T>(IBehavior<T> behavior)
        where T : class, SagaStateMachineInstance { }

    public void Visit<T>(IBehavior<T> behavior, Action<IBehavior<T>> next)
        where T : class, SagaStateMachineInstance => next(behavior);

    public void Visit<T, TMessage>(IBehavior<T, TMessage> behavior)
        where T : class, SagaStateMachineInstance
        where TMessage : class { }

    public void Visit<T, TMessage>(IBehavior<T, TMessage> behavior, Action<IBehavior<T, TMessage>> next)
        where T : class, SagaStateMachineInstance
        where TMessage : class => next(behavior);

    private static Transitions Visited(GrantStateMachine machine)
    {
        var visitor = new Transitions();
        ((IVisitable)machine).Accept(visitor);
        return visitor;
    }

    private void Look(IStateMachineActivity activity)
    {
        _acting.Add((_state, _event));
        if (activity is TransitionActivity<Grant> transition)
        {
            _found.Add(new Transition(_state, _event, transition.ToState.Name));
        }
    }
}
