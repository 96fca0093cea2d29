using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Governance.Intake.Tests.Requests;

/// <summary>A good request, and ways to spoil it.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 5, TimeSpan.Zero);

    public const string Source = "https://itsm.example.com/servicenow";

    public static JsonObject Event(string id = "RITM0012345:3") =>
        new()
        {
            ["specversion"] = "1.0",
            ["id"] = id,
            ["source"] = Source,
            ["type"] = "governance.access.requested.v1",
            ["subject"] = "RITM0012345",
            ["time"] = "2026-11-23T12:00:00Z",
            ["datacontenttype"] = "application/json",
            ["data"] = Data(),
        };

    public static JsonObject Data() =>
        new()
        {
            ["principal"] = "svc-reporting",
            ["entitlement"] = "orders-db/readonly",
            ["duration"] = "PT1H",
            ["notBefore"] = null,
            ["justification"] = "month-end report",
            ["requester"] = "dana@example.com",
            ["emergency"] = false,
            ["ticket"] = new JsonObject
            {
                ["system"] = "servicenow",
                ["key"] = "RITM0012345",
                ["state"] = "approved",
                ["url"] = "https://itsm.example.com/RITM0012345",
            },
            ["approvals"] = new JsonArray(
                new JsonObject
                {
                    ["approver"] = "omar@example.com",
                    ["decision"] = "approved",
                    ["at"] = "2026-11-23T11:59:55Z",
                }
            ),
        };

    public static JsonObject With(string path, JsonNode? value) => Set(Event(), path, value);

    public static JsonObject Without(string path) => Remove(Event(), path);

    public static JsonObject Set(JsonObject root, string path, JsonNode? value)
    {
        var (parent, name) = Locate(root, path);
        if (parent is JsonArray array)
        {
            array[int.Parse(name, CultureInfo.InvariantCulture)] = value;
        }
        else
        {
            parent[name] = value;
        }

        return root;
    }

    public static JsonObject Remove(JsonObject root, string path)
    {
        var (parent, name) = Locate(root, path);
        ((JsonObject)parent).Remove(name);
        return root;
    }

    /// <summary>A request with every optional member.</summary>
    public static JsonObject Full(string id = "RITM0012345:3")
    {
        var root = Event(id);
        root["data"]!["principal"] = "agent-triage";
        root["data"]!["onBehalfOf"] = new JsonArray("svc-reporting", "dana@example.com");
        root["data"]!["recipientKey"] = RecipientKey();
        root["data"]!["ticket"]!["assignee"] = "omar@example.com";
        root["data"]!["ticket"]!["configurationItem"] = "orders-db-01";
        root["data"]!["ticket"]!["changeWindow"] = Window();
        return root;
    }

    /// <summary>The public key of RFC 7517, appendix A.1.</summary>
    public static JsonObject RecipientKey() =>
        new()
        {
            ["kty"] = "EC",
            ["crv"] = "P-256",
            ["x"] = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            ["y"] = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
            ["use"] = "enc",
            ["alg"] = "ECDH-ES",
            ["kid"] = "1",
        };

    public static JsonObject Window() => new() { ["start"] = "2026-11-24T20:00:00+01:00", ["end"] = "2026-11-24T23:00:00+01:00" };

    public static byte[] Bytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());

    private static (JsonNode Parent, string Name) Locate(JsonObject root, string path)
    {
        var parts = path.Split('.');
        JsonNode node = root;
        foreach (var part in parts[..^1])
        {
            node = part is "0" ? node[0]! : node[part]!;
        }

        return (node, parts[^1]);
    }
}
