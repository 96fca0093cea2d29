using System.Text.Json.Nodes;
using Governance.ServiceDefaults.Http;
using Grpc.Core;

namespace Governance.Policy.Decisions;

internal static class DryRunEndpoint
{
    public static void MapDryRun(this IEndpointRouteBuilder app) => app.MapPost("/v1/decisions/dry-run", RunAsync);

    private static async Task<IResult> RunAsync(HttpContext http, DryRun dryRun)
    {
        var (request, problem) = await Commands.ReadAsync<DryRunRequest>(http);
        if (request is null)
        {
            return problem!;
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
                StatusCode.InvalidArgument => ProblemResults.Of([Commands.FaultOf(e.Status.Detail)]),
                _ => Problem(StatusCodes.Status503ServiceUnavailable, "unavailable", e.Status.Detail),
            };
        }
    }

    private static IResult Problem(int status, string code, string detail) => ProblemResults.Of(status, code, detail);
}
