using System.Text.Json;

namespace Governance.Lifecycle.Api;

/// <summary>Reads the body of a request strictly, and says which members it may have when it is wrong.</summary>
internal static class RequestBody
{
    public static async Task<(T? Body, IResult? Problem)> ReadAsync<T>(HttpContext http, Func<T, string?> fault)
        where T : class
    {
        try
        {
            var body =
                await JsonSerializer.DeserializeAsync<T>(http.Request.Body, WireJson.Strict, http.RequestAborted)
                ?? throw new JsonException("The body is null.");
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
