using Governance.Reading;
using Governance.ServiceDefaults.Http;

namespace Governance.Expiry.Deadlines;

internal static class DeadlineEndpoints
{
    public static void MapDeadlines(this WebApplication app) => app.MapGet("/v1/deadlines", FindAsync).WithQuery("grant");

    private static async Task<IResult> FindAsync(HttpContext http, DeadlineStore deadlines, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http.Request.Query);
        return query.Id("grant") is { } id
            ? Results.Ok(new { Deadlines = await deadlines.FindAsync(id, cancellationToken) })
            : query.Problem
                ?? ProblemResults.Of([new Fault("grant", "missing", "The query parameter 'grant' must be a grant's id (a UUID).")]);
    }
}
