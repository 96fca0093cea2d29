using Governance.Lifecycle.Grants;

namespace Governance.Lifecycle.Api;

/// <summary>The sealed credential of a grant, handed out once. It passes through here and is kept nowhere.</summary>
internal static class CredentialEndpoint
{
    public static void MapCredentials(this IEndpointRouteBuilder app) => app.MapGet("/v1/grants/{id:guid}/credential", TakeAsync);

    private static async Task<IResult> TakeAsync(
        Guid id,
        HttpContext http,
        CallerIdentity callers,
        GrantCommands commands,
        SealedCredentials credentials
    )
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!credentials.Configured)
        {
            return Problems.Of(
                StatusCodes.Status503ServiceUnavailable,
                "no-issuance",
                "This installation does not hand out credentials: set Lifecycle:IssuanceUrl."
            );
        }

        var (actor, problem) = await callers.IdentifyAsync(http);
        if (actor is null)
        {
            return problem!;
        }

        try
        {
            // What is not there yet is not recorded as handed out.
            var number = await credentials.ReadyAsync(id, http.RequestAborted) ?? 0;
            var command = new HandOutCredential
            {
                GrantId = id,
                Actor = actor,
                Number = number,
            };
            if (await commands.RefusalAsync(command, http.RequestAborted) is { } refused)
            {
                return refused;
            }

            return await credentials.TakeAsync(id, number, http.RequestAborted) is { } sealedCredential
                ? Results.Ok(
                    new
                    {
                        Grant = id,
                        Number = number,
                        Credential = sealedCredential,
                    }
                )
                : Problems.Of(StatusCodes.Status410Gone, Grants.Refusals.CredentialGone.Code, Grants.Refusals.CredentialGone.Message);
        }
        catch (HttpRequestException)
        {
            return Problems.Of(
                StatusCodes.Status503ServiceUnavailable,
                "issuance-away",
                "The service that keeps credentials does not answer: ask again, and rotate the credential if it is gone by then."
            );
        }
    }
}
