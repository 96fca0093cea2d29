using System.Text.Json;
using System.Text.Json.Nodes;

namespace Governance.Connectors.Kubernetes;

internal static class Json
{
    /// <summary>A member's text; null when there is none, whatever else is there.</summary>
    public static string? Text(this JsonNode? node, string member) =>
        (node as JsonObject)?[member] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
