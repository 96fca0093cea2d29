using Governance.ServiceDefaults.Http;

namespace Governance.Lifecycle.Api;

internal static class DecisionEndpoints
{
    private const int MaxLimit = 500;

    public static void MapDecisions(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/decisions", ListAsync).WithQuery("after", "limit", "grant", "from");

    private static async Task<IResult> ListAsync(HttpContext http, DecisionReader reader, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http.Request.Query);
        var after = query.Number("after", 0, long.MinValue);
        var limit = query.Number("limit", 100, long.MinValue);
        var grant = query.Id("grant");
        var from = query.Time("from");
        return query.Problem
            ?? (
                after < 0 ? Problems.Of(StatusCodes.Status400BadRequest, "invalid-after", "after: must be a sequence, 0 or more.")
                : limit is < 1 or > MaxLimit
                    ? Problems.Of(StatusCodes.Status400BadRequest, "invalid-limit", $"limit: must be between 1 and {MaxLimit}.")
                : Results.Ok(await reader.ReadAsync(after, (int)limit, grant, from, cancellationToken))
            );
    }
}
