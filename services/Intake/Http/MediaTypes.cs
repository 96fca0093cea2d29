namespace Governance.Intake.Http;

internal static class MediaTypes
{
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
}
