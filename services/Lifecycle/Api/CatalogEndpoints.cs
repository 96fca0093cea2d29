using Governance.Lifecycle.Installation;
using Governance.Lifecycle.Texts;
using Governance.Reading;
using Governance.ServiceDefaults.Http;
using Marten;

namespace Governance.Lifecycle.Api;

/// <summary>Which catalog is in force, and an operator's word where a newer one has so much less that it is taken for a mistake.</summary>
internal static class CatalogEndpoints
{
    public static void MapCatalog(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/catalog", GetAsync);
        app.MapPost("/v1/catalogs/{digest}/accept", AcceptAsync);
    }

    private static async Task<IResult> GetAsync(IDocumentStore store, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        return Results.Ok(CatalogView.Of(await session.LoadAsync<InForce>(InForce.StreamId, cancellationToken)));
    }

    private static async Task<IResult> AcceptAsync(
        string digest,
        HttpContext http,
        IDocumentStore store,
        CallerIdentity callers,
        TimeProvider clock,
        ILogger<CatalogView> logger,
        CancellationToken cancellationToken
    )
    {
        var (actor, problem) = await Operators.IdentifyAsync(callers, http);
        if (actor is null)
        {
            return problem!;
        }

        var (body, malformed) = await Commands.ReadAsync<AcceptCatalogBody>(http);
        if (body is null)
        {
            return malformed!;
        }

        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellationToken);
        await InstallationLock.TakeAsync(session, cancellationToken, InstallationLock.OfInstallation);
        var stream = await session.Events.FetchForWriting<InForce>(InForce.StreamId, cancellationToken);
        var now = stream.Aggregate;
        if (now?.Catalog == digest || (now?.Held is { Accepted: true } accepted && accepted.Catalog == digest))
        {
            // Said again, it changes nothing.
            return Results.Ok(CatalogView.Of(now));
        }

        if (now?.Held is not { } held || held.Catalog != digest)
        {
            return Problems.Of(
                StatusCodes.Status409Conflict,
                "not-held",
                now?.Held is { } other
                    ? $"The catalog {TextRules.Shown(digest)} is not the one that waits for a word: that is {other.Catalog}."
                    : $"No catalog waits for a word; the one in force is {now?.Catalog ?? "none"}.",
                ("held", now?.Held?.Catalog),
                ("inForce", now?.Catalog)
            );
        }

        var reason = PersonalText.Of(InForce.StreamId, body.Reason);
        session.Store(reason);
        stream.AppendOne(new CatalogAccepted(held.Catalog, held.InForce, actor, reason.Id, clock.Now()));
        await session.SaveChangesAsync(cancellationToken);
        Log.CatalogAccepted(logger, held.Catalog, held.InForce, actor.Id);
        await using var reader = store.QuerySession();
        return Results.Ok(CatalogView.Of(await reader.LoadAsync<InForce>(InForce.StreamId, cancellationToken)));
    }
}

internal sealed record AcceptCatalogBody
{
    [Text(TextKind.Free, Bounds.FreeTextLength)]
    public required string Reason { get; init; }
}

/// <summary>Which catalog decisions are made with, and which one waits.</summary>
public sealed record CatalogView
{
    /// <summary>Digest of the catalog in force; null while there is none.</summary>
    public string? InForce { get; init; }

    /// <summary>The one that lacks too much of it; null where none waits.</summary>
    public HeldCatalog? Held { get; init; }

    internal static CatalogView Of(InForce? now) => new() { InForce = now?.Catalog, Held = now?.Held };
}
