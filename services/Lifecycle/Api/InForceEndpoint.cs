using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Installation;
using Marten;

namespace Governance.Lifecycle.Api;

/// <summary>What decisions are made with now.</summary>
internal static class InForceEndpoint
{
    public static void MapInForce(this IEndpointRouteBuilder app) => app.MapGet("/v1/in-force", GetAsync);

    private static async Task<IResult> GetAsync(IDocumentStore store, Catalogs catalogs, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        var inForce = await session.LoadAsync<InForce>(InForce.StreamId, cancellationToken);
        var catalog = inForce?.Catalog is { } digest ? await catalogs.GetAsync(session, digest, cancellationToken) : null;
        return Results.Ok(
            new InForceView
            {
                Bundle = inForce?.Bundle,
                Activation = inForce?.Bundle is null ? null : inForce.Activation,
                Catalog = catalog?.Digest,
                Principals = catalog is null ? [] : [.. catalog.Content.Principals.Select(p => p.Id)],
                Entitlements = catalog is null ? [] : [.. catalog.Content.Entitlements.Select(e => e.Id)],
            }
        );
    }
}

/// <summary>What decisions are made with now. Members are null while nothing is in force.</summary>
public sealed record InForceView
{
    /// <summary>Digest of the policy bundle.</summary>
    public string? Bundle { get; init; }

    /// <summary>Policy's number for its being put in force.</summary>
    public long? Activation { get; init; }

    /// <summary>Digest of the catalog.</summary>
    public string? Catalog { get; init; }

    /// <summary>The opaque ids of everybody whom the catalog knows.</summary>
    public required IReadOnlyList<string> Principals { get; init; }

    public required IReadOnlyList<string> Entitlements { get; init; }
}
