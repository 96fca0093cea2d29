using Governance.Contracts;
using Governance.Contracts.Decisions;
using Governance.Lifecycle.Catalog;
using Governance.Reading;
using Marten;

namespace Governance.Lifecycle.Api;

/// <summary>Who calls. Until callers authenticate, they name themselves in a header, which only works in Development.</summary>
public sealed class CallerIdentity(IDocumentStore store, Catalogs catalogs, IHostEnvironment environment)
{
    public const string Header = "X-Governance-Actor";

    /// <summary>The actor, or the problem to answer with.</summary>
    public async Task<(ActorRef? Actor, IResult? Problem)> IdentifyAsync(HttpContext http)
    {
        if (!environment.IsDevelopment())
        {
            return (
                null,
                Problems.Of(
                    StatusCodes.Status401Unauthorized,
                    "unauthenticated",
                    "This installation has no authentication configured, so commands from people are turned down."
                )
            );
        }

        var name = http.Request.Headers[Header].ToString();
        if (name.Length == 0)
        {
            return (
                null,
                Problems.Of(
                    StatusCodes.Status401Unauthorized,
                    "unauthenticated",
                    $"Name yourself in the header {Header}, for example dana@example.com."
                )
            );
        }

        await using var session = store.QuerySession();
        var catalog = await catalogs.InForceAsync(session, http.RequestAborted);
        if (catalog?.Find(name) is not { Active: true } principal)
        {
            return (
                null,
                Problems.Of(
                    StatusCodes.Status403Forbidden,
                    "unknown-actor",
                    $"{Header}: the catalog in force has no active principal '{TextRules.Shown(name)}'."
                )
            );
        }

        return (
            new ActorRef
            {
                Id = principal.Id,
                Kind = System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(principal.Kind.ToString()),
                Via = "http",
                Assurance = Assurance.Verified,
            },
            null
        );
    }
}
