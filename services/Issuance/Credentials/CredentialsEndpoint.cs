using Governance.Reading;
using Governance.ServiceDefaults.Http;

namespace Governance.Issuance.Credentials;

/// <summary>For Lifecycle, which knows who may have a credential and records that they did.</summary>
internal static class CredentialsEndpoint
{
    public static void MapCredentials(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/credentials/{grant:guid}", ReadyAsync);
        app.MapPost("/v1/credentials/{grant:guid}/take", TakeAsync);
    }

    private static async Task<IResult> ReadyAsync(Guid grant, CredentialStore store, CancellationToken cancellationToken) =>
        await store.ReadyAsync(grant, cancellationToken) is { } number ? Results.Ok(new { grant, number }) : Results.NotFound();

    private static async Task<IResult> TakeAsync(Guid grant, CredentialStore store, HttpContext http, CancellationToken cancellationToken)
    {
        http.Response.Headers.CacheControl = "no-store";
        var (body, problem) = await Commands.ReadAsync<TakeBody>(http);
        if (body is null)
        {
            return problem!;
        }

        return await store.TakeAsync(grant, body.Number, cancellationToken) is { } credential
            ? Results.Ok(
                new
                {
                    grant,
                    body.Number,
                    credential,
                }
            )
            : Results.StatusCode(StatusCodes.Status410Gone);
    }

    private sealed record TakeBody
    {
        [Within(0)]
        public required int Number { get; init; }
    }
}
