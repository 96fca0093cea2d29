using Governance.Intake.Requests;
using Governance.Intake.Tickets;

namespace Governance.Intake.Reading;

/// <summary>Reads all members, also after a fault; the value is meaningless when there was one.</summary>
internal delegate IncomingMessage DataReader(ObjectReader data, Arrival arrival);

/// <summary>A kind of event that is taken.</summary>
/// <param name="Type">Its CloudEvents type.</param>
/// <param name="Read">Reads its data.</param>
internal sealed record EventKind(string Type, DataReader Read)
{
    public static readonly EventKind Request = new("governance.access.requested.v1", RequestReader.Read);
    public static readonly EventKind TicketChange = new("governance.ticket.changed.v1", TicketChangeReader.Read);

    public static IReadOnlyList<EventKind> All { get; } = [Request, TicketChange];
}

/// <summary>What is known of a message beside its data.</summary>
/// <param name="Source">The CloudEvent's source; empty when it could not be read.</param>
/// <param name="Id">The CloudEvent's id; empty when it could not be read.</param>
/// <param name="Time">When its source says that it happened.</param>
/// <param name="Now">When it was read here.</param>
internal sealed record Arrival(string Source, string Id, DateTimeOffset? Time, DateTimeOffset Now);
