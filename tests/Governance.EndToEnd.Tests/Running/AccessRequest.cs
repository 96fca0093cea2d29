using System.Text.Json;
using System.Text.Json.Nodes;

namespace Governance.EndToEnd.Tests.Running;

/// <summary>A request as its sender writes it.</summary>
internal sealed record AccessRequest
{
    public const string Itsm = "https://itsm.example.com/test";

    public string Source { get; init; } = Itsm;

    public required string Id { get; init; }

    public required LoadPrincipal Principal { get; init; }

    public required LoadEntitlement Entitlement { get; init; }

    public required TimeSpan Duration { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public string? Requester { get; init; }

    public bool Emergency { get; init; }

    /// <summary>Key of a ticket; null for none.</summary>
    public string? Ticket { get; init; }

    /// <summary>A JWK; null for none.</summary>
    public JsonObject? RecipientKey { get; init; }

    /// <summary>Id of the person who sends it and is verified; null for nobody.</summary>
    public string? SentBy { get; init; }

    public Guid GrantId => NameBasedUuid.ForRequest(Source, Id, SentBy);

    public string ToJson()
    {
        var data = new JsonObject
        {
            ["principal"] = Principal.Id,
            ["entitlement"] = Entitlement.Id,
            ["duration"] = IsoDuration.Format(Duration),
            ["justification"] = "an end-to-end test",
            ["requester"] = Requester ?? Principal.Owner,
        };
        if (NotBefore is { } start)
        {
            data["notBefore"] = Moments.ToWire(start);
        }

        if (Emergency)
        {
            data["emergency"] = true;
        }

        if (RecipientKey is not null)
        {
            data["recipientKey"] = RecipientKey.DeepClone();
        }

        if (Ticket is not null)
        {
            data["ticket"] = new JsonObject { ["system"] = "servicenow", ["key"] = Ticket };
        }

        return new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = Id,
            ["source"] = Source,
            ["type"] = "governance.access.requested.v1",
            ["datacontenttype"] = "application/json",
            ["data"] = data,
        }.ToJsonString(JsonSerializerOptions.Default);
    }
}
