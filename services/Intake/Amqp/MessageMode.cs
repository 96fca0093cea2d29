using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using RabbitMQ.Client;

namespace Governance.Intake.Amqp;

/// <summary>How a message carries its CloudEvent.</summary>
internal static class MessageMode
{
    private static readonly string[] Prefixes = ["ce-", "ce_", "cloudEvents:", "cloudEvents_"];

    /// <summary>True for binary mode: attributes in headers. Anything else is read as structured, whatever content type it claims.</summary>
    public static bool IsBinary(IReadOnlyBasicProperties properties)
    {
        if (
            properties.ContentType?.StartsWith("application/cloudevents", StringComparison.OrdinalIgnoreCase) == true
            || properties.Headers is not { } headers
        )
        {
            return false;
        }

        return Prefixes.Any(p => headers.ContainsKey(p + "specversion"));
    }

    /// <summary>The attributes that are in headers; null where no header says which type of event it is.</summary>
    public static JsonObject? AttributesOf(IReadOnlyBasicProperties properties)
    {
        if (properties.Headers is not { } headers || Prefixes.FirstOrDefault(p => headers.ContainsKey(p + "type")) is not { } prefix)
        {
            return null;
        }

        var attributes = new JsonObject();
        foreach (var (name, value) in headers.Where(h => h.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            attributes[name[prefix.Length..]] = ValueOf(value);
        }

        return attributes;
    }

    // What no attribute can be is no text either.
    private static JsonNode? ValueOf(object? value) =>
        value switch
        {
            null => null,
            byte[] text when Utf8.IsValid(text) => Encoding.UTF8.GetString(text),
            bool flag => flag,
            sbyte or byte or short or ushort or int or uint or long => Convert.ToInt64(value, CultureInfo.InvariantCulture),
            _ => new JsonObject(),
        };
}
