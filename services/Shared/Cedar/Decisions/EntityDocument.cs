using System.Text.Json;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>The facts as Cedar entities, as far as a question reaches. Groups have nothing but a name: members name them, and that is enough.</summary>
internal static class EntityDocument
{
    public static string Write(KnownFacts known, EntityReach reach) =>
        CedarJson.Write(writer =>
        {
            writer.WriteStartArray();
            foreach (var principal in reach.Principals)
            {
                WriteEntity(
                    writer,
                    CedarUids.Principal(principal),
                    principal.Groups.Select(CedarUids.Group),
                    () => WritePrincipal(writer, principal)
                );
            }

            foreach (var target in reach.Targets)
            {
                WriteEntity(writer, CedarUids.Target(target.Id), [], () => WriteTarget(writer, target));
            }

            foreach (var entitlement in reach.Entitlements)
            {
                WriteEntity(
                    writer,
                    CedarUids.Entitlement(entitlement.Id),
                    [CedarUids.Target(entitlement.Target)],
                    () => WriteEntitlement(writer, entitlement, known.Conflicts.Of(entitlement))
                );
            }

            if (reach.Request)
            {
                WriteEntity(writer, CedarUids.Request(known.Facts.Request.Grant), [], () => WriteRequest(writer, known));
            }

            writer.WriteEndArray();
        });

    private static void WriteEntity(Utf8JsonWriter writer, CedarUid uid, IEnumerable<CedarUid> parents, Action attributes)
    {
        writer.WriteStartObject();
        CedarJson.WriteUid(writer, "uid", uid);
        writer.WriteStartObject("attrs");
        attributes();
        writer.WriteEndObject();
        writer.WriteStartArray("parents");
        foreach (var parent in parents)
        {
            writer.WriteStartObject();
            writer.WriteString("type", parent.Type);
            writer.WriteString("id", parent.Id);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WritePrincipal(Utf8JsonWriter writer, PrincipalFacts principal)
    {
        writer.WriteBoolean("active", principal.Active);
        if (principal.Owner is not null)
        {
            writer.WriteEntity("owner", CedarUids.Human(principal.Owner));
        }

        if (principal.Sponsor is not null)
        {
            writer.WriteEntity("sponsor", CedarUids.Human(principal.Sponsor));
        }

        if (principal.Environment is not null && principal.Kind != PrincipalKind.Human)
        {
            writer.WriteString("environment", principal.Environment);
        }
    }

    private static void WriteTarget(Utf8JsonWriter writer, TargetFacts target)
    {
        writer.WriteString("kind", target.Kind);
        writer.WriteString("environment", target.Environment);
        writer.WriteNumber("tier", target.Tier);
    }

    private static void WriteEntitlement(Utf8JsonWriter writer, EntitlementFacts entitlement, IReadOnlyList<string> conflicts)
    {
        writer.WriteEntity("target", CedarUids.Target(entitlement.Target));
        writer.WriteString("risk", PrincipalKinds.NameOf(entitlement.Risk));
        writer.WriteStartArray("privileges");
        foreach (var privilege in entitlement.Privileges)
        {
            writer.WriteStringValue(privilege);
        }

        writer.WriteEndArray();
        writer.WriteDuration("maxDuration", entitlement.MaxDuration);
        writer.WriteEntity("owner", CedarUids.Human(entitlement.Owner));
        writer.WriteEntities("conflicts", conflicts.Select(CedarUids.Entitlement));
    }

    private static void WriteRequest(Utf8JsonWriter writer, KnownFacts known)
    {
        ContextDocument.WriteParty(writer, "requester", known.Requester);
        ContextDocument.WriteParty(writer, "principal", known.Grantee);
        writer.WriteEntity("entitlement", CedarUids.Entitlement(known.Entitlement.Id));
        writer.WriteDuration("duration", known.Facts.Request.Duration);
        writer.WriteBoolean("emergency", known.IsEmergency);
        ContextDocument.WriteTicket(writer, known.Facts.Request.Ticket);
    }
}
