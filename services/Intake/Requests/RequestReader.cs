using Governance.Intake.Reading;
using Governance.Intake.Tickets;
using Governance.Sealing;

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
            Duration = data.Duration("duration", Presence.Required) ?? default,
            NotBefore = data.Start("notBefore", Presence.Nullable, arrival.Now),
            Justification = data.Text("justification", Presence.Required, Limits.JustificationLength, TextKind.Free) ?? "",
            Requester = data.Text("requester", Presence.Required, Limits.IdLength) ?? "",
            Emergency = emergency,
            Ticket = Ticket(data, emergency),
            Approvals = Approvals(data, arrival.Now),
            OnBehalfOf = OnBehalfOf(data, principal),
            RecipientKey = data.Child("recipientKey", Presence.Nullable) is { } key ? RecipientKeyReader.Read(key) : null,
        };
        data.RefuseRest();
        return request;
    }

    private static TicketClaim? Ticket(ObjectReader data, bool emergency)
    {
        if (emergency && !data.IsGiven("ticket"))
        {
            data.Fault("ticket", "missing", "Add the incident as a ticket with its system and key: an emergency has to name one.");
        }

        if (data.Child("ticket", Presence.Nullable) is not { } reader)
        {
            return null;
        }

        var ticket = TicketReader.Read(reader, reader, Presence.Nullable);
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
        if (data.Texts("onBehalfOf", Presence.Nullable, Bounds.Delegators, Limits.IdLength) is not { } names)
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
