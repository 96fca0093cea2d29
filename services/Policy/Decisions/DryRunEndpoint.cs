using System.Text.Json;
using System.Text.Json.Nodes;
using Grpc.Core;

namespace Governance.Policy.Decisions;

internal static class DryRunEndpoint
{
    public static void MapDryRun(this IEndpointRouteBuilder app) => app.MapPost("/v1/decisions/dry-run", RunAsync);

    private static async Task<IResult> RunAsync(HttpContext http, DryRun dryRun)
    {
        DryRunRequest request;
        try
        {
            request =
                await JsonSerializer.DeserializeAsync<DryRunRequest>(http.Request.Body, WireJson.Strict, http.RequestAborted)
                ?? throw new JsonException("The body is null.");
        }
        catch (JsonException e)
        {
            return Problem(StatusCodes.Status400BadRequest, "malformed", e.Message);
        }

        if (request.Duration <= TimeSpan.Zero)
        {
            return Problem(StatusCodes.Status400BadRequest, "invalid", "duration: must be longer than zero, for example PT1H.");
        }

        try
        {
            var result = await dryRun.RunAsync(request, http.RequestAborted);
            return Results.Json(new { result.Decision, Facts = JsonNode.Parse(result.Facts) }, WireJson.Options);
        }
        catch (RpcException e)
        {
            return e.StatusCode switch
            {
                StatusCode.NotFound => Problem(StatusCodes.Status422UnprocessableEntity, "unknown-name", e.Status.Detail),
                StatusCode.InvalidArgument => Problem(StatusCodes.Status400BadRequest, "invalid", e.Status.Detail),
                _ => Problem(StatusCodes.Status503ServiceUnavailable, "unavailable", e.Status.Detail),
            };
        }
    }

    private static IResult Problem(int status, string code, string detail) =>
        Results.Problem(
            detail,
            statusCode: status,
            type: "urn:governance:problem:" + code,
            extensions: new Dictionary<string, object?>(StringComparer.Ordinal) { ["code"] = code }
        );
}
