using Microsoft.Net.Http.Headers;

namespace Governance.Intake.Http;

internal static class MediaTypes
{
    /// <summary>True for a CloudEvent, false for its data alone, null for anything else.</summary>
    public static bool? IsEvent(HttpRequest request)
    {
        if (
            !MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || (type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            || request.Headers.ContentEncoding.Count > 0
        )
        {
            return null;
        }

        if (type.MediaType.Equals("application/cloudevents+json", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        // With these headers application/json is an event in binary mode, which is not taken.
        return
            type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) && !request.Headers.ContainsKey("ce-specversion")
            ? false
            : null;
    }
}
