using Governance.Reading;

namespace Governance.Lifecycle.Api;

/// <summary>Whether access comes and goes as soon as is promised.</summary>
internal static class SloEndpoint
{
    public static void MapSlo(this IEndpointRouteBuilder app) => app.MapGet("/v1/slo", ReadAsync);

    private static async Task<IResult> ReadAsync(
        SloReader reader,
        TimeProvider clock,
        CancellationToken cancellationToken,
        string since = "PT24H"
    ) =>
        IsoDuration.TryParse(since, out var window) && Bounds.IsDuration(window)
            ? Results.Ok(await reader.ReadAsync(clock.Now() - window, cancellationToken))
            : Problems.Of(
                StatusCodes.Status400BadRequest,
                "invalid-since",
                $"since: '{TextRules.Shown(since)}' is no duration of up to 366 days; say how far back, for example PT24H or P7D."
            );
}
