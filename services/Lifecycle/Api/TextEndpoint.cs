namespace Governance.Lifecycle.Api;

/// <summary>What people wrote about a grant: personal, so only for those who decide on it, and kept by nobody on the way.</summary>
internal static class TextEndpoint
{
    public static void MapTexts(this IEndpointRouteBuilder app) => app.MapGet("/v1/grants/{id:guid}/texts", GetAsync);

    private static async Task<IResult> GetAsync(Guid id, HttpContext http, CallerIdentity callers, GrantTextReader reader)
    {
        http.Response.Headers.CacheControl = "no-store";
        var (actor, problem) = await callers.IdentifyAsync(http);
        if (actor is null)
        {
            return problem!;
        }

        return await reader.ReadAsync(id, actor, http.RequestAborted) switch
        {
            (false, _) => Problems.NoSuchGrant(id),
            (_, { } texts) => Results.Ok(new { Grant = id, Texts = texts }),
            _ => Problems.Of(
                StatusCodes.Status403Forbidden,
                "not-a-decider",
                "What people wrote about a grant is for those who may decide on it: who fills a place of its gates, and while a review is "
                    + "owed, who answers for the entitlement or is told by its obligations. Nobody who stands behind the request is among them."
            ),
        };
    }
}
