using JasperFx.Events;
using Marten;

namespace Governance.EventStore.Relay;

/// <summary>Says which messages a committed event means to other services.</summary>
public interface IEventTranslator
{
    /// <summary>The messages of an event, in a fixed order: their ids are made of the event's id, their type and their place.</summary>
    /// <remarks>Must depend on committed state only, so that a repeat gives the same messages.</remarks>
    ValueTask<IReadOnlyList<OutgoingMessage>> TranslateAsync(IEvent committed, IQuerySession session, CancellationToken cancellationToken);
}

/// <summary>A message that an event means.</summary>
/// <param name="Body">The message.</param>
/// <param name="Type">Its contract type.</param>
public readonly record struct OutgoingMessage(object Body, Type Type)
{
    /// <summary>Makes one of a contract's instance.</summary>
    public static OutgoingMessage Of<T>(T body)
        where T : class => new(body, typeof(T));
}
