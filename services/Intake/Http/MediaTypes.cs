using System.Text.Json.Nodes;

namespace Governance.Intake.Http;

internal static class MediaTypes
{
    private const string Prefix = "ce-";

    /// <summary>True for a CloudEvent, false for its data alone, null for anything else.</summary>
    public static bool? IsEvent(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.Count > 0)
        {
            return null;
        }

        if (JsonMediaType.Is(request.ContentType, "application/cloudevents+json"))
        {
            return true;
        }

        // With these headers application/json is an event in binary mode, which is not taken.
        return JsonMediaType.Is(request.ContentType, "application/json") && !request.Headers.ContainsKey("ce-specversion") ? false : null;
    }

    /// <summary>The attributes of an event in binary mode; null where no header says which type of event it is.</summary>
    public static JsonObject? AttributesOf(HttpRequest request)
    {
        if (!request.Headers.ContainsKey("ce-type"))
        {
            return null;
        }

        var attributes = new JsonObject();
        foreach (var (name, values) in request.Headers.Where(h => h.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)))
        {
            // What is there twice is no text, whether somebody on the way has made one line of it or not: a blank in it would be encoded.
            attributes[name[Prefix.Length..].ToLowerInvariant()] =
                values is [{ } value] && Decoded(value) is { } text ? text : new JsonObject();
        }

        return attributes;
    }

    // The CloudEvents binding for HTTP: perhaps quoted, and percent-encoded.
    private static string? Decoded(string value) =>
        value is ['"', .. var quoted, '"'] ? Uri.UnescapeDataString(quoted)
        : value.Contains(' ', StringComparison.Ordinal) ? null
        : Uri.UnescapeDataString(value);
}
