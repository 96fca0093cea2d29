using Governance.Intake.Requests;
using Governance.Intake.Tickets;

namespace Governance.Intake.Reading;

/// <summary>Reads all members, also after a fault; the value is meaningless when there was one.</summary>
internal delegate IncomingMessage DataReader(ObjectReader data, Arrival arrival);

/// <summary>A kind of event that is taken.</summary>
/// <param name="Type">Its CloudEvents type.</param>
/// <param name="Read">Reads its data.</param>
/// <param name="OnlyTakesAway">Whether an event with this data can only take access away, so that it counts whatever is wrong beside what it says.</param>
internal sealed record EventKind(string Type, DataReader Read, Func<ObjectReader, bool> OnlyTakesAway)
{
    public static readonly EventKind Request = new("governance.access.requested.v1", RequestReader.Read, _ => false);
    public static readonly EventKind TicketChange = new(
        "governance.ticket.changed.v1",
        TicketChangeReader.Read,
        TicketChangeReader.IsClose
    );

    public static IReadOnlyList<EventKind> All { get; } = [Request, TicketChange];
}

/// <summary>What is known of a message beside its data.</summary>
/// <param name="Source">The CloudEvent's source; empty when it could not be read.</param>
/// <param name="Id">The CloudEvent's id; empty when it could not be read.</param>
/// <param name="Time">When its source says that it happened.</param>
/// <param name="Now">When it was read here.</param>
/// <param name="LeftOut">Takes what is wrong with an event that counts all the same.</param>
internal sealed record Arrival(string Source, string Id, DateTimeOffset? Time, DateTimeOffset Now, FaultList LeftOut);
