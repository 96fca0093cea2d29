using System.Text.Json;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>The context of each action. No approval is in any of them.</summary>
internal static class ContextDocument
{
    public static string ForRequest(KnownFacts known, DateTimeOffset now) =>
        Write(writer =>
        {
            writer.WriteTime("now", now);
            WriteParty(writer, "for", known.Grantee);
            WriteAsked(writer, known, known.Facts.Request.Duration);
            WriteHow(writer, known);
            WriteDelegation(writer, known);
        });

    public static string ForHolding(KnownFacts known, DateTimeOffset now, TimeSpan duration) =>
        Write(writer =>
        {
            writer.WriteTime("now", now);
            WriteParty(writer, "requester", known.Requester);
            WriteAsked(writer, known, duration);
            WriteHow(writer, known);
            WriteDelegation(writer, known);
        });

    public static string ForBreakingGlass(KnownFacts known, DateTimeOffset now, TimeSpan duration) =>
        Write(writer =>
        {
            writer.WriteTime("now", now);
            WriteParty(writer, "for", known.Grantee);
            WriteAsked(writer, known, duration);
        });

    public static string ForApproving(ApprovalFacts approval, DateTimeOffset now) =>
        Write(writer =>
        {
            writer.WriteTime("now", now);
            writer.WriteString("via", approval.Via);
        });

    public static string ForReviewing(KnownFacts known, DateTimeOffset now) =>
        Write(writer =>
        {
            writer.WriteTime("now", now);
            WriteParty(writer, "for", known.Grantee);
        });

    public static void WriteParty(Utf8JsonWriter writer, string name, PrincipalFacts principal)
    {
        var kind = PrincipalKinds.Of(principal.Kind);
        writer.WriteStartObject(name);
        writer.WriteString("kind", kind.Name);
        writer.WriteBoolean("active", principal.Active);
        writer.WriteEntity(kind.Member, CedarUids.Principal(principal));
        if (KnownFacts.ActorOf(principal) is { } actor)
        {
            writer.WriteEntity("actor", CedarUids.Human(actor));
        }

        writer.WriteEndObject();
    }

    public static void WriteTicket(Utf8JsonWriter writer, TicketFacts? ticket)
    {
        if (ticket is null)
        {
            return;
        }

        writer.WriteStartObject("ticket");
        writer.WriteString("system", ticket.System);
        writer.WriteString("key", ticket.Key);
        if (ticket.State is not null)
        {
            writer.WriteString("state", ticket.State);
        }

        if (ticket.Assignee is not null)
        {
            writer.WriteEntity("assignee", CedarUids.Human(ticket.Assignee));
        }

        if (ticket.ConfigurationItem is not null)
        {
            writer.WriteString("configurationItem", ticket.ConfigurationItem);
        }

        if (ticket.ChangeWindow is { } window)
        {
            writer.WriteStartObject("changeWindow");
            writer.WriteTime("start", window.Start);
            writer.WriteTime("end", window.End);
            writer.WriteEndObject();
        }

        writer.WriteString("assurance", PrincipalKinds.NameOf(ticket.Assurance));
        writer.WriteEndObject();
    }

    private static void WriteAsked(Utf8JsonWriter writer, KnownFacts known, TimeSpan duration)
    {
        var request = known.Facts.Request;
        writer.WriteDuration("duration", duration);
        WriteTicket(writer, request.Ticket);
        writer.WriteEntities("held", known.Facts.Held.Select(CedarUids.Entitlement));
        writer.WriteEntities("actorHeld", known.ActorHeld.Select(CedarUids.Entitlement));
        writer.WriteString("source", request.Source);
        writer.WriteString("via", request.Via);
        writer.WriteString("assurance", PrincipalKinds.NameOf(request.RequesterAssurance));
    }

    private static void WriteHow(Utf8JsonWriter writer, KnownFacts known)
    {
        if (known.Facts.Request.NotBefore is { } notBefore)
        {
            writer.WriteTime("notBefore", notBefore);
        }

        writer.WriteBoolean("emergency", known.IsEmergency);
    }

    private static void WriteDelegation(Utf8JsonWriter writer, KnownFacts known)
    {
        if (known.Delegation is not { } delegation)
        {
            return;
        }

        writer.WriteStartObject("delegation");
        if (delegation.Human is not null)
        {
            writer.WriteEntity("human", CedarUids.Human(delegation.Human));
        }

        writer.WriteNumber("depth", delegation.Depth);
        writer.WriteBoolean("verified", delegation.Verified);
        writer.WriteBoolean("active", delegation.Active);
        writer.WriteEntities("held", delegation.Held.Select(CedarUids.Entitlement));
        if (delegation.HeldUntil is { } until)
        {
            writer.WriteTime("heldUntil", until);
        }

        writer.WriteEndObject();
    }

    private static string Write(Action<Utf8JsonWriter> members) =>
        CedarJson.Write(writer =>
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        });
}
