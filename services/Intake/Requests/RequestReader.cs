using Governance.Intake.Reading;
using Governance.Intake.Tickets;

namespace Governance.Intake.Requests;

/// <summary>The data of a request.</summary>
internal static class RequestReader
{
    public static AccessRequest Read(ObjectReader data, Arrival arrival)
    {
        var principal = data.Text("principal", Presence.Required, Limits.IdLength) ?? "";
        var emergency = data.Flag("emergency", Presence.Optional) ?? false;
        var request = new AccessRequest
        {
            Source = arrival.Source,
            Id = arrival.Id,
            Principal = principal,
            Entitlement = data.Text("entitlement", Presence.Required, Limits.IdLength) ?? "",
            Duration = Duration(data),
            NotBefore = NotBefore(data, arrival.Now),
            Justification = data.Text("justification", Presence.Required, Limits.JustificationLength, multiline: true) ?? "",
            Requester = data.Text("requester", Presence.Required, Limits.IdLength) ?? "",
            Emergency = emergency,
            Ticket = Ticket(data, emergency),
            Approvals = Approvals(data, arrival.Now),
            OnBehalfOf = OnBehalfOf(data, principal),
            RecipientKey = data.Object("recipientKey", Presence.Nullable) is { } key ? RecipientKeyReader.Read(key) : null,
        };
        data.RefuseRest();
        return request;
    }

    private static TimeSpan Duration(ObjectReader data)
    {
        if (data.Text("duration", Presence.Required, Limits.IdLength) is not { } text)
        {
            return default;
        }

        if (!IsoDuration.TryParse(text, out var duration))
        {
            data.Fault("duration", "format", "Send an ISO 8601 duration of weeks, days, hours, minutes or seconds, for example PT4H.");
            return default;
        }

        duration = TimeSpan.FromTicks(duration.Ticks - (duration.Ticks % TimeSpan.TicksPerMillisecond));
        if (duration <= TimeSpan.Zero || duration > Limits.Duration)
        {
            data.Fault("duration", "out-of-range", $"Send a duration longer than zero and at most {IsoDuration.Format(Limits.Duration)}.");
        }

        return duration;
    }

    private static DateTimeOffset? NotBefore(ObjectReader data, DateTimeOffset now)
    {
        if (data.Time("notBefore", Presence.Nullable) is not { } time)
        {
            return null;
        }

        // The past is fine: a message may have waited, and access starts at once then.
        if (time > now + Limits.Ahead)
        {
            data.Fault("notBefore", "out-of-range", $"Send a start at most {Limits.Ahead.Days} days ahead.");
        }

        return time;
    }

    private static TicketClaim? Ticket(ObjectReader data, bool emergency)
    {
        if (emergency && !data.IsGiven("ticket"))
        {
            data.Fault("ticket", "missing", "Add the incident as a ticket with its system and key: an emergency has to name one.");
        }

        if (data.Object("ticket", Presence.Nullable) is not { } reader)
        {
            return null;
        }

        var ticket = TicketReader.Read(reader, Presence.Nullable);
        reader.RefuseRest();
        return ticket;
    }

    private static List<ApprovalClaim> Approvals(ObjectReader data, DateTimeOffset now) =>
        [.. (data.Objects("approvals", Presence.Optional, Limits.Approvals) ?? []).OfType<ObjectReader>().Select(r => Approval(r, now))];

    private static ApprovalClaim Approval(ObjectReader reader, DateTimeOffset now)
    {
        var approver = reader.Text("approver", Presence.Required, Limits.IdLength);
        var decision = reader.Text("decision", Presence.Required, Limits.IdLength);
        if (decision is not (null or "approved" or "rejected"))
        {
            reader.Fault("decision", "not-a-choice", "Send approved or rejected.");
        }

        var at = reader.PastTime("at", Presence.Required, now);
        reader.RefuseRest();
        return new ApprovalClaim(approver ?? "", decision is "approved", at ?? default);
    }

    private static IReadOnlyList<string>? OnBehalfOf(ObjectReader data, string principal)
    {
        if (data.Texts("onBehalfOf", Presence.Nullable, Limits.Delegators, Limits.IdLength) is not { } names)
        {
            return null;
        }

        if (names.Count == 0)
        {
            data.Fault("onBehalfOf", "empty", "Name whom the principal acts for, nearest first, or leave this member out.");
        }

        foreach (var (index, code, remedy) in DelegationRules.Faults(principal, names))
        {
            data.Fault("onBehalfOf", index, code, remedy);
        }

        return [.. names.OfType<string>()];
    }
}
