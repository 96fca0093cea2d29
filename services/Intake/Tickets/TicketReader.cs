using Governance.Contracts.Decisions;
using Governance.Intake.Reading;

namespace Governance.Intake.Tickets;

/// <summary>The members that describe a ticket, in a request and in a change of a ticket alike.</summary>
internal static class TicketReader
{
    public static TicketClaim Read(ObjectReader reader, Presence state)
    {
        var ticket = new TicketClaim(
            reader.Text("system", Presence.Required, Limits.IdLength) ?? "",
            reader.Text("key", Presence.Required, Limits.IdLength) ?? "",
            reader.Text("state", state, Limits.StateLength)?.ToLowerInvariant(),
            reader.Text("url", Presence.Nullable, Limits.UrlLength),
            reader.Text("assignee", Presence.Nullable, Limits.IdLength),
            reader.Text("configurationItem", Presence.Nullable, Limits.IdLength),
            Window(reader)
        );
        if (ticket.Url is not null && !TextRules.IsWebAddress(ticket.Url))
        {
            reader.Fault("url", "format", "Send an http or https address.");
        }

        return ticket;
    }

    private static ChangeWindow? Window(ObjectReader ticket)
    {
        if (ticket.Child("changeWindow", Presence.Nullable) is not { } reader)
        {
            return null;
        }

        var start = reader.Time("start", Presence.Required);
        var end = reader.Time("end", Presence.Required);
        if (end <= start)
        {
            reader.Fault("end", "out-of-range", "Send an end that is later than the start.");
        }

        reader.RefuseRest();
        return new ChangeWindow(start ?? default, end ?? default);
    }
}
