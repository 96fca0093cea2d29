using Governance.Contracts.Decisions;
using Governance.Intake.Reading;

namespace Governance.Intake.Tickets;

/// <summary>The members that describe a ticket, in a request and in a change of a ticket alike.</summary>
internal static class TicketReader
{
    /// <param name="reader">Reads which ticket it is.</param>
    /// <param name="details">Reads everything else of it; what is wrong there is null.</param>
    /// <param name="state">Whether its state has to be there.</param>
    public static TicketClaim Read(ObjectReader reader, ObjectReader details, Presence state) =>
        new(
            reader.Text("system", Presence.Required, Limits.IdLength) ?? "",
            reader.Text("key", Presence.Required, Limits.IdLength) ?? "",
            details.Text("state", state, Limits.StateLength)?.ToLowerInvariant(),
            Url(details),
            details.Text("assignee", Presence.Nullable, Limits.IdLength),
            details.Text("configurationItem", Presence.Nullable, Limits.IdLength),
            Window(details)
        );

    private static string? Url(ObjectReader ticket)
    {
        var url = ticket.Text("url", Presence.Nullable, Limits.UrlLength);
        if (url is null || TextRules.IsWebAddress(url))
        {
            return url;
        }

        ticket.Fault("url", "format", "Send an http or https address.");
        return null;
    }

    private static ChangeWindow? Window(ObjectReader ticket)
    {
        if (ticket.Child("changeWindow", Presence.Nullable) is not { } reader)
        {
            return null;
        }

        var start = reader.Time("start", Presence.Required);
        var end = reader.Time("end", Presence.Required);
        reader.RefuseRest();
        if (start is null || end is null)
        {
            return null;
        }

        if (end > start)
        {
            return new ChangeWindow(start.Value, end.Value);
        }

        reader.Fault("end", "out-of-range", "Send an end that is later than the start.");
        return null;
    }
}
