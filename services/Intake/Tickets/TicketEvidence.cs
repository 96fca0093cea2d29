using Governance.Contracts.Intake;
using Governance.Intake.Door;
using Governance.Intake.Names;

namespace Governance.Intake.Tickets;

/// <summary>What is recorded of a ticket and of a change of one.</summary>
internal static class TicketEvidence
{
    public static RequestedTicket TicketOf(TicketClaim ticket, ResolvedNames names) =>
        new()
        {
            System = ticket.System,
            Key = ticket.Key,
            State = ticket.State,
            Url = ticket.Url,
            Assurance = names.AssuranceOf("tickets"),
            Assignee = names.PersonOf(ticket.Assignee),
            ConfigurationItem = ticket.ConfigurationItem,
            ChangeWindow = ticket.ChangeWindow,
        };

    public static TicketChangeReceived EventOf(TicketChange change, ResolvedNames names, Delivery delivery, DateTimeOffset now) =>
        new()
        {
            Source = change.Source,
            EventId = change.Id,
            Ticket = TicketOf(change.Ticket, names),
            Closed = change.Closed,
            ChangedAt = change.HappenedAt,
            Via = delivery.Via,
            Actor = delivery.Actor,
            ReceivedAt = now,
            Digest = DigestOf(change),
            Catalog = names.Catalog,
        };

    public static string DigestOf(TicketChange change) => CanonicalJson.Digest(CanonicalJson.Serialize(change, WireJson.Options));
}
