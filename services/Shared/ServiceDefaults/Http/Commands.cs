using Governance.Reading;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.ServiceDefaults.Http;

/// <summary>Reads the bodies of commands by the rules that all doors of the suite have.</summary>
public static class Commands
{
    /// <summary>The body, or the problem to answer with; neither where there is no body and none is needed.</summary>
    /// <param name="http">The request.</param>
    /// <param name="fault">What is wrong with a body beyond its members, as <c>member: remedy</c>; null if nothing is.</param>
    /// <param name="optional">Whether no body at all will do.</param>
    /// <typeparam name="T">A record: see <see cref="BodyReader"/>.</typeparam>
    public static async Task<(T? Body, IResult? Problem)> ReadAsync<T>(
        HttpContext http,
        Func<T, string?>? fault = null,
        bool optional = false
    )
        where T : class
    {
        ArgumentNullException.ThrowIfNull(http);
        var (bytes, unread) = await RequestBodies.ReadAsync(http.Request).ConfigureAwait(false);
        if (unread is not null)
        {
            return (null, ProblemResults.Unread(unread));
        }

        // However its length was told: what is there is read.
        if (bytes.IsEmpty && optional)
        {
            return (null, null);
        }

        if (!bytes.IsEmpty && !IsJson(http.Request))
        {
            return (null, ProblemResults.UnsupportedMediaType("Send application/json, in UTF-8, and without a Content-Encoding."));
        }

        var now = http.RequestServices.GetRequiredService<TimeProvider>().Now();
        var body = BodyReader.Read<T>(bytes, now, out var unreadable, out var faults);
        if (body is null)
        {
            return (null, unreadable is not null ? ProblemResults.Unreadable(unreadable) : ProblemResults.Of(faults));
        }

        return fault?.Invoke(body) is { } wrong ? (null, ProblemResults.Of([FaultOf(wrong)])) : (body, null);
    }

    // Who does not say what it is means JSON.
    private static bool IsJson(HttpRequest request) =>
        request.Headers.ContentEncoding.Count == 0
        && (string.IsNullOrEmpty(request.ContentType) || JsonMediaType.Is(request.ContentType, "application/json"));

    /// <summary>A fault from its words: <c>member: remedy</c>, or what is wrong with the whole.</summary>
    public static Fault FaultOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var at = text.IndexOf(": ", StringComparison.Ordinal);
        return at > 0 && !text.AsSpan(0, at).Contains(' ')
            ? new Fault(text[..at], "invalid", text[(at + 2)..])
            : new Fault("", "invalid", text);
    }
}
