using System.Text.Json;

namespace Governance.Intake.Requests;

/// <summary>The data of a request.</summary>
internal static class RequestReader
{
    /// <summary>Reads all members, also after a fault; the value is meaningless when there was one.</summary>
    public static AccessRequest Read(ObjectReader data, string source, string id, DateTimeOffset now, FaultList faults)
    {
        var request = new AccessRequest
        {
            Source = source,
            Id = id,
            Principal = data.Text("principal", Presence.Required, Limits.IdLength) ?? "",
            Entitlement = data.Text("entitlement", Presence.Required, Limits.IdLength) ?? "",
            Duration = Duration(data),
            NotBefore = NotBefore(data, now),
            Justification = data.Text("justification", Presence.Required, Limits.JustificationLength, multiline: true) ?? "",
            Requester = data.Text("requester", Presence.Required, Limits.IdLength) ?? "",
            Emergency = data.Flag("emergency", Presence.Optional) ?? false,
            Ticket = Ticket(data),
            Approvals = Approvals(data, now, faults),
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
        if (Time(data, "notBefore", Presence.Nullable) is not { } time)
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

    private static DateTimeOffset? Time(ObjectReader reader, string name, Presence presence)
    {
        if (reader.Text(name, presence, Limits.IdLength) is not { } text)
        {
            return null;
        }

        if (TextRules.TryTime(text, out var time))
        {
            return time;
        }

        reader.Fault(name, "format", "Send a time as in RFC 3339 with its offset, for example 2026-11-23T12:00:00Z.");
        return null;
    }

    private static TicketClaim? Ticket(ObjectReader data)
    {
        if (data.Object("ticket", Presence.Nullable) is not { } reader)
        {
            return null;
        }

        var ticket = new TicketClaim(
            reader.Text("system", Presence.Required, Limits.IdLength) ?? "",
            reader.Text("key", Presence.Required, Limits.IdLength) ?? "",
            reader.Text("state", Presence.Nullable, Limits.StateLength)?.ToLowerInvariant(),
            reader.Text("url", Presence.Nullable, Limits.UrlLength)
        );
        if (ticket.Url is not null && !TextRules.IsWebAddress(ticket.Url))
        {
            reader.Fault("url", "format", "Send an http or https address.");
        }

        reader.RefuseRest();
        return ticket;
    }

    private static List<ApprovalClaim> Approvals(ObjectReader data, DateTimeOffset now, FaultList faults)
    {
        if (data.Take("approvals", Presence.Optional) is not { } value)
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            data.Fault("approvals", "wrong-type", "Send an array.");
            return [];
        }

        if (value.GetArrayLength() > Limits.Approvals)
        {
            data.Fault("approvals", "too-many", $"Send at most {Limits.Approvals} approvals.");
            return [];
        }

        return [.. value.EnumerateArray().Select((item, i) => Approval(item, FaultList.Item(data.PathOf("approvals"), i), now, faults))];
    }

    private static ApprovalClaim Approval(JsonElement item, string path, DateTimeOffset now, FaultList faults)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            faults.Add(path, "wrong-type", "Send a JSON object.");
            return new ApprovalClaim("", false, default);
        }

        var reader = new ObjectReader(item, path, faults);
        var approver = reader.Text("approver", Presence.Required, Limits.IdLength);
        var decision = reader.Text("decision", Presence.Required, Limits.IdLength);
        if (decision is not (null or "approved" or "rejected"))
        {
            reader.Fault("decision", "not-a-choice", "Send approved or rejected.");
        }

        var at = Time(reader, "at", Presence.Required);
        if (at > now + Limits.ClockSkew)
        {
            reader.Fault("at", "out-of-range", "Send the time at which the decision was made; this one is in the future.");
        }

        reader.RefuseRest();
        return new ApprovalClaim(approver ?? "", decision is "approved", at ?? default);
    }
}
