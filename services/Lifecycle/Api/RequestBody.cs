using System.Text.Json;
using Governance.ServiceDefaults.Http;

namespace Governance.Lifecycle.Api;

/// <summary>Reads the body of a request strictly, and says which members it may have when it is wrong.</summary>
internal static class RequestBody
{
    /// <param name="http">The request.</param>
    /// <param name="fault">What is wrong with a body; null if nothing is.</param>
    /// <param name="optional">Whether no body at all will do: there is neither a body nor a problem then.</param>
    public static async Task<(T? Body, IResult? Problem)> ReadAsync<T>(HttpContext http, Func<T, string?> fault, bool optional = false)
        where T : class
    {
        var (bytes, unread) = await RequestBodies.ReadAsync(http.Request);
        if (unread is not null)
        {
            return (null, Problems.Of(unread.Status, unread.Code, "The body can't be read: " + unread.Remedy));
        }

        // However its length was told: what is there is read.
        if (optional && bytes.IsEmpty)
        {
            return (null, null);
        }

        try
        {
            var body = JsonSerializer.Deserialize<T>(bytes.Span, WireJson.Strict) ?? throw new JsonException("The body is null.");
            return fault(body) is { } wrong ? (null, Problems.Of(StatusCodes.Status400BadRequest, "invalid", wrong)) : (body, null);
        }
        catch (JsonException e)
        {
            var members = typeof(T)
                .GetProperties()
                .Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name))
                .Order(StringComparer.Ordinal);
            return (
                null,
                Problems.Of(
                    StatusCodes.Status400BadRequest,
                    "malformed",
                    $"The body must be a JSON object with no other members than {string.Join(", ", members)}: {e.Message}"
                )
            );
        }
    }
}
