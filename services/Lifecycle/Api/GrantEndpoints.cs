using System.Diagnostics;
using Governance.Contracts;
using Governance.Lifecycle.Evidence;
using Governance.Lifecycle.Grants;
using MassTransit;
using MassTransit.Mediator;

namespace Governance.Lifecycle.Api;

internal static class GrantEndpoints
{
    public static void MapGrants(this IEndpointRouteBuilder app)
    {
        var grants = app.MapGroup("/v1/grants");
        grants.MapGet("/{id:guid}", GetAsync);
        grants.MapGet("/", ListAsync);
        grants.MapGet("/{id:guid}/history", HistoryAsync);
        MapCommand(
            grants,
            "approve",
            (id, a, k, c) =>
                new ApproveGrant
                {
                    GrantId = id,
                    Actor = a,
                    Key = k,
                    Comment = c,
                }
        );
        MapCommand(
            grants,
            "reject",
            (id, a, k, c) =>
                new RejectGrant
                {
                    GrantId = id,
                    Actor = a,
                    Key = k,
                    Comment = c,
                }
        );
        MapCommand(
            grants,
            "withdraw",
            (id, a, k, c) =>
                new WithdrawGrant
                {
                    GrantId = id,
                    Actor = a,
                    Key = k,
                    Comment = c,
                }
        );
        MapCommand(
            grants,
            "revoke",
            (id, a, k, c) =>
                new RevokeGrant
                {
                    GrantId = id,
                    Actor = a,
                    Key = k,
                    Comment = c,
                }
        );
    }

    private static void MapCommand<T>(RouteGroupBuilder grants, string verb, Func<Guid, ActorRef, string?, string?, T> make)
        where T : GrantCommand =>
        grants.MapPost(
            "/{id:guid}/" + verb,
            (Guid id, HttpContext http, GrantCommands commands) => commands.RunAsync(id, http, verb, make)
        );

    private static async Task<IResult> GetAsync(Guid id, GrantReader reader, CancellationToken cancellationToken) =>
        await reader.GetAsync(id, cancellationToken) is { } grant ? Results.Ok(grant) : Problems.NoSuchGrant(id);

    private static async Task<IResult> HistoryAsync(Guid id, GrantHistory history, CancellationToken cancellationToken) =>
        await history.ReadAsync(id, cancellationToken) is { } evidence ? Results.Ok(evidence) : Problems.NoSuchGrant(id);

    private static async Task<IResult> ListAsync(
        GrantReader reader,
        CancellationToken cancellationToken,
        string? principal = null,
        string? state = null,
        string? cursor = null,
        int limit = 50
    )
    {
        var machineState = state is null ? null : GrantState.All.FirstOrDefault(s => GrantState.ToWire(s) == state);
        if (state is not null && machineState is null)
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest,
                "invalid-state",
                $"state: '{state}' is none of {string.Join(", ", GrantState.All.Select(GrantState.ToWire))}."
            );
        }

        var after = cursor is null ? null : GrantCursor.Parse(cursor);
        if (cursor is not null && after is null)
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest,
                "invalid-cursor",
                "cursor: use the value of 'next' of the page before, unchanged."
            );
        }

        if (limit is < 1 or > 200)
        {
            return Problems.Of(StatusCodes.Status400BadRequest, "invalid-limit", "limit: must be between 1 and 200.");
        }

        return Results.Ok(await reader.ListAsync(new GrantQuery(principal, machineState, after, limit), cancellationToken));
    }
}

/// <summary>Runs a person's command inside their request.</summary>
internal sealed class GrantCommands(IMediator mediator, CallerIdentity callers, GrantReader reader)
{
    public const string KeyHeader = "Idempotency-Key";
    private const int MaxKey = 200;
    private const int MaxComment = 4000;

    public async Task<IResult> RunAsync<T>(Guid id, HttpContext http, string verb, Func<Guid, ActorRef, string?, string?, T> make)
        where T : GrantCommand
    {
        var (actor, problem) = await callers.IdentifyAsync(http);
        if (actor is null)
        {
            return problem!;
        }

        var key = http.Request.Headers[KeyHeader].ToString();
        if (key.Length > MaxKey)
        {
            return Problems.Of(StatusCodes.Status400BadRequest, "invalid-key", $"{KeyHeader}: at most {MaxKey} characters.");
        }

        var (comment, wrong) = await CommentAsync(http);
        if (wrong is not null)
        {
            return wrong;
        }

        Activity.Current?.SetTag("governance.command", verb);
        var command = make(id, actor, key.Length == 0 ? null : $"{verb}:{actor.Id}:{key}", comment);
        var result = (await mediator.CreateRequestClient<T>().GetResponse<GrantCommandResult>(command, http.RequestAborted)).Message;
        if (!result.Found)
        {
            return Problems.NoSuchGrant(id);
        }

        var grant = await reader.GetAsync(id, http.RequestAborted);
        return result.Refusal is { } refusal
            ? Problems.Of(
                refusal.Kind == RefusalKind.Conflict ? StatusCodes.Status409Conflict : StatusCodes.Status403Forbidden,
                refusal.Code,
                refusal.Message,
                ("state", grant?.State)
            )
            : Results.Ok(grant);
    }

    private static async Task<(string? Comment, IResult? Problem)> CommentAsync(HttpContext http)
    {
        if (http.Request.ContentLength is null or 0)
        {
            return (null, null);
        }

        try
        {
            var body = await System.Text.Json.JsonSerializer.DeserializeAsync<CommandBody>(
                http.Request.Body,
                WireJson.Strict,
                http.RequestAborted
            );
            return body?.Comment is { Length: > MaxComment }
                ? (null, Problems.Of(StatusCodes.Status400BadRequest, "invalid", $"comment: at most {MaxComment} characters."))
                : (body?.Comment, null);
        }
        catch (System.Text.Json.JsonException e)
        {
            return (
                null,
                Problems.Of(
                    StatusCodes.Status400BadRequest,
                    "malformed",
                    "The body must be a JSON object with at most the member 'comment': " + e.Message
                )
            );
        }
    }

    private sealed record CommandBody(string? Comment = null);
}
