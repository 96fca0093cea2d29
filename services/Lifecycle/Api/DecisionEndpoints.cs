namespace Governance.Lifecycle.Api;

internal static class DecisionEndpoints
{
    private const int MaxLimit = 500;

    public static void MapDecisions(this IEndpointRouteBuilder app) => app.MapGet("/v1/decisions", ListAsync);

    private static async Task<IResult> ListAsync(
        DecisionReader reader,
        CancellationToken cancellationToken,
        long after = 0,
        int limit = 100,
        Guid? grant = null,
        DateTimeOffset? from = null
    ) =>
        after < 0 ? Problems.Of(StatusCodes.Status400BadRequest, "invalid-after", "after: must be a sequence, 0 or more.")
        : limit is < 1 or > MaxLimit
            ? Problems.Of(StatusCodes.Status400BadRequest, "invalid-limit", $"limit: must be between 1 and {MaxLimit}.")
        : Results.Ok(await reader.ReadAsync(after, limit, grant, from, cancellationToken));
}
