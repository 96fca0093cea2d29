namespace Governance.Expiry.Deadlines;

internal static class DeadlineEndpoints
{
    public static void MapDeadlines(this WebApplication app) => app.MapGet("/v1/deadlines", FindAsync);

    private static async Task<IResult> FindAsync(string? grant, DeadlineStore deadlines, CancellationToken cancellationToken) =>
        Guid.TryParse(grant, out var id)
            ? Results.Ok(new { Deadlines = await deadlines.FindAsync(id, cancellationToken) })
            : Results.Problem("The query parameter 'grant' must be a grant's id (a UUID).", statusCode: StatusCodes.Status400BadRequest);
}
