using System.Collections.Concurrent;
using System.Reflection;

namespace Governance.Lifecycle.Grants;

/// <summary>Applies an event to an aggregate by the same public <c>Apply</c> methods that the event store folds with.</summary>
public static class EventFold
{
    private static readonly ConcurrentDictionary<(Type Aggregate, Type Event), Action<object, object>> Appliers = new();

    /// <exception cref="InvalidOperationException">The aggregate does not know the event.</exception>
    public static void Apply(object aggregate, object happened) =>
        Appliers.GetOrAdd((aggregate.GetType(), happened.GetType()), static key => Bind(key.Aggregate, key.Event))(aggregate, happened);

    private static Action<object, object> Bind(Type aggregate, Type happened)
    {
        var method =
            aggregate.GetMethod("Apply", BindingFlags.Public | BindingFlags.Instance, [happened])
            ?? throw new InvalidOperationException($"{aggregate.Name} has no Apply({happened.Name}).");
        return typeof(EventFold)
                .GetMethod(nameof(Typed), BindingFlags.NonPublic | BindingFlags.Static)!
                .MakeGenericMethod(aggregate, happened)
                .Invoke(null, [method]) as Action<object, object>
            ?? throw new InvalidOperationException("unreachable");
    }

    private static Action<object, object> Typed<TAggregate, TEvent>(MethodInfo method)
    {
        var apply = method.CreateDelegate<Action<TAggregate, TEvent>>();
        return (aggregate, happened) => apply((TAggregate)aggregate, (TEvent)happened);
    }
}
