using Governance.Intake.Reading;

namespace Governance.Intake.Tickets;

/// <summary>
/// The data of a change of a ticket. A close only takes access away, so that it counts as long as it says which ticket: whatever else is wrong
/// with it is left out, and said.
/// </summary>
internal static class TicketChangeReader
{
    public static bool IsClose(ObjectReader data) => data.IsTrue("closed");

    public static TicketChange Read(ObjectReader data, Arrival arrival)
    {
        var closed = data.Flag("closed", Presence.Required) ?? false;
        var details = closed ? data.ReportingTo(arrival.LeftOut) : data;
        var ticket = TicketReader.Read(data, details, Presence.Required);
        // A close with a time that has not come is taken with it: read at another time it would be another message.
        var changedAt = details.PastTime("changedAt", Presence.Nullable, closed ? null : arrival.Now);
        details.RefuseRest();
        return new TicketChange
        {
            Source = arrival.Source,
            Id = arrival.Id,
            Ticket = ticket,
            Closed = closed,
            ChangedAt = changedAt,
            HappenedAt = changedAt ?? (arrival.Time < arrival.Now ? arrival.Time.Value : arrival.Now),
            LeftOut = arrival.LeftOut.ToList(),
        };
    }
}
