using Governance.Lifecycle.Targets;
using Governance.Reading;
using Governance.ServiceDefaults.Http;

namespace Governance.Lifecycle.Api;

/// <summary>An operator's orders about targets: accept who answers there now, and try now what waits.</summary>
internal static class TargetEndpoints
{
    private const int MaxText = 2000;

    public static void MapTargets(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/targets/{target}/accept", AcceptAsync);
        app.MapPost("/v1/targets/{target}/retry", RetryAllAsync);
        app.MapPost("/v1/grants/{id:guid}/retry", RetryAsync);
    }

    private static async Task<IResult> AcceptAsync(
        string target,
        HttpContext http,
        CallerIdentity callers,
        TargetOrders orders,
        CancellationToken cancellationToken
    )
    {
        var (actor, problem) = await Operators.IdentifyAsync(callers, http);
        if (actor is null)
        {
            return problem!;
        }

        var (body, wrong) = await Commands.ReadAsync<AcceptTargetBody>(http, b => b.Fault());
        if (body is null)
        {
            return wrong!;
        }

        return await orders.AcceptAsync(target, body.Identity, body.Reason, actor, cancellationToken)
            ? Results.Ok(new { target, body.Identity })
            : NoSuchTarget(target);
    }

    private static async Task<IResult> RetryAllAsync(
        string target,
        HttpContext http,
        CallerIdentity callers,
        TargetOrders orders,
        CancellationToken cancellationToken
    )
    {
        var (actor, problem) = await OperatorWithoutWordsAsync(callers, http);
        return actor is null ? problem!
            : await orders.RetryAsync(target, actor, cancellationToken) ? Results.Ok(new { target })
            : NoSuchTarget(target);
    }

    private static async Task<IResult> RetryAsync(
        Guid id,
        HttpContext http,
        CallerIdentity callers,
        TargetOrders orders,
        CancellationToken cancellationToken
    )
    {
        var (actor, problem) = await OperatorWithoutWordsAsync(callers, http);
        return actor is null ? problem!
            : await orders.RetryAsync(id, actor, cancellationToken) is { } target ? Results.Ok(new { grant = id, target })
            : Problems.NoSuchGrant(id);
    }

    private static async Task<(Contracts.ActorRef? Actor, IResult? Problem)> OperatorWithoutWordsAsync(
        CallerIdentity callers,
        HttpContext http
    )
    {
        var (_, wrong) = await Commands.ReadAsync<NoWords>(http, _ => null, optional: true);
        return wrong is null ? await Operators.IdentifyAsync(callers, http) : (null, wrong);
    }

    private static IResult NoSuchTarget(string target) =>
        Problems.Of(
            StatusCodes.Status404NotFound,
            "no-such-target",
            target.Length <= 200
                ? $"The catalog in force has no target '{TextRules.Shown(target)}'."
                : "The catalog in force has no such target."
        );

    private sealed record NoWords;

    private sealed record AcceptTargetBody
    {
        public string? Identity { get; init; }

        public required string Reason { get; init; }

        public string? Fault() =>
            string.IsNullOrWhiteSpace(Reason) ? "reason: say why the target is accepted."
            : Reason.Length > MaxText || Identity?.Length > MaxText ? $"reason and identity may have {MaxText} characters at most."
            : Identity is { Length: 0 } ? "identity: leave it out where the target tells none."
            : null;
    }
}
