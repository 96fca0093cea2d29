namespace Governance.Lifecycle.Api;

/// <summary>Problem details (RFC 9457) with a stable code.</summary>
internal static class Problems
{
    public static IResult Of(int status, string code, string detail, params (string Key, object? Value)[] more)
    {
        var extensions = new Dictionary<string, object?>(StringComparer.Ordinal) { ["code"] = code };
        foreach (var (key, value) in more)
        {
            extensions[key] = value;
        }

        return Results.Problem(detail, statusCode: status, type: "urn:governance:problem:" + code, extensions: extensions);
    }

    public static IResult NoSuchGrant(Guid id) =>
        Of(
            StatusCodes.Status404NotFound,
            "no-such-grant",
            $"There is no grant {id}. A request that was just sent may still be on its way."
        );
}
