using System.Text.Json.Nodes;

namespace Governance.Targets.Kubernetes.Server;

internal static class ApiJson
{
    public static string Member(this JsonNode? node, string name) => (string?)(node as JsonObject)?[name] ?? "";

    public static string[] Texts(this JsonNode? node, string name) =>
        [.. ((node as JsonObject)?[name] as JsonArray ?? []).Select(item => (string)item!)];

    public static JsonObject Metadata(this JsonObject value) => (JsonObject)value["metadata"]!;
}
