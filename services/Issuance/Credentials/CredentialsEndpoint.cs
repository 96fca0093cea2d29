using System.Security.Cryptography;
using System.Text;
using Governance.Reading;
using Governance.ServiceDefaults.Http;
using Microsoft.Extensions.Options;

namespace Governance.Issuance.Credentials;

/// <summary>For Lifecycle alone, which knows who may have a credential and records that they did.</summary>
internal static class CredentialsEndpoint
{
    private const string Scheme = "Bearer ";

    public static void MapCredentials(this IEndpointRouteBuilder app)
    {
        // Before a body is read or a row is looked at: who has not the secret gets nothing and changes nothing.
        var credentials = app.MapGroup("/v1/credentials").AddEndpointFilter<RouteGroupBuilder, LifecycleOnly>();
        credentials.MapGet("/{grant:guid}", ReadyAsync);
        credentials.MapPost("/{grant:guid}/take", TakeAsync);
    }

    private static async Task<IResult> ReadyAsync(Guid grant, CredentialStore store, CancellationToken cancellationToken) =>
        await store.ReadyAsync(grant, cancellationToken) is { } number
            ? Results.Ok(new { grant, number })
            : ProblemResults.Of(
                StatusCodes.Status404NotFound,
                "no-credential",
                $"No credential waits for the grant {grant}: none was made, or it was taken."
            );

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
            : ProblemResults.Of(
                StatusCodes.Status410Gone,
                "credential-gone",
                $"The credential {body.Number} of the grant {grant} is not there: it was taken, or another one came in its place."
            );
    }

    private sealed record TakeBody
    {
        [Within(0)]
        public required int Number { get; init; }
    }

    private sealed class LifecycleOnly(IOptions<IssuanceOptions> options) : IEndpointFilter
    {
        public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
        {
            var given = context.HttpContext.Request.Headers.Authorization.ToString();
            return given.StartsWith(Scheme, StringComparison.Ordinal) && IsSecret(given[Scheme.Length..])
                ? next(context)
                : ValueTask.FromResult<object?>(
                    ProblemResults.Of(
                        StatusCodes.Status401Unauthorized,
                        "unauthenticated",
                        "Only Lifecycle takes sealed credentials, with the secret of Issuance:LifecycleSecret: ask Lifecycle for yours."
                    )
                );
        }

        // Of digests, so that not even the length of the secret can be measured.
        private bool IsSecret(string given) =>
            CryptographicOperations.FixedTimeEquals(Digest(given), Digest(options.Value.LifecycleSecret));

        private static byte[] Digest(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
    }
}
