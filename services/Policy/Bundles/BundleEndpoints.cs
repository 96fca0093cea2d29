using Governance.ServiceDefaults.Http;

namespace Governance.Policy.Bundles;

/// <summary>The bundles that were ever activated: with one, and its facts, any decision can be made again.</summary>
internal static class BundleEndpoints
{
    public static void MapBundles(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/bundles", ListAsync);
        app.MapGet("/v1/bundles/{digest}", GetAsync);
    }

    private static async Task<IResult> ListAsync(BundleStore store, CancellationToken cancellationToken) =>
        Results.Json(new { Bundles = await store.ListAsync(cancellationToken) }, WireJson.Options);

    // The stored text to the letter: its SHA-256 is the digest.
    private static async Task<IResult> GetAsync(string digest, BundleStore store, CancellationToken cancellationToken) =>
        await store.ContentAsync(digest, cancellationToken) is { } content
            ? Results.Text(content, "application/json")
            : ProblemResults.Of(StatusCodes.Status404NotFound, "no-such-bundle", $"The bundle {digest} is not stored here.");
}
