using Governance.Intake.Reading;

namespace Governance.Intake.Tickets;

/// <summary>The data of a change of a ticket.</summary>
internal static class TicketChangeReader
{
    public static TicketChange Read(ObjectReader data, Arrival arrival)
    {
        var ticket = TicketReader.Read(data, Presence.Required);
        var closed = data.Flag("closed", Presence.Required) ?? false;
        var changedAt = data.PastTime("changedAt", Presence.Nullable, arrival.Now);
        data.RefuseRest();
        return new TicketChange
        {
            Source = arrival.Source,
            Id = arrival.Id,
            Ticket = ticket,
            Closed = closed,
            ChangedAt = changedAt,
            HappenedAt = changedAt ?? (arrival.Time < arrival.Now ? arrival.Time.Value : arrival.Now),
        };
    }
}
