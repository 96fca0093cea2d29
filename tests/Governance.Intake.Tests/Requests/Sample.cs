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

    public static JsonObject With(string path, JsonNode? value)
    {
        var root = Event();
        var (parent, name) = Locate(root, path);
        parent[name] = value;
        return root;
    }

    public static JsonObject Without(string path)
    {
        var root = Event();
        var (parent, name) = Locate(root, path);
        parent.Remove(name);
        return root;
    }

    public static byte[] Bytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());

    private static (JsonObject Parent, string Name) Locate(JsonObject root, string path)
    {
        var parts = path.Split('.');
        JsonNode node = root;
        foreach (var part in parts[..^1])
        {
            node = part is "0" ? node[0]! : node[part]!;
        }

        return ((JsonObject)node, parts[^1]);
    }
}
