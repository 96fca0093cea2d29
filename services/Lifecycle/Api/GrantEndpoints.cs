using System.Diagnostics;
using Governance.Contracts;
using Governance.Lifecycle.Evidence;
using Governance.Lifecycle.Grants;
using Governance.Reading;
using Governance.ServiceDefaults.Http;
using MassTransit;
using MassTransit.Mediator;

namespace Governance.Lifecycle.Api;

internal static class GrantEndpoints
{
    public static void MapGrants(this IEndpointRouteBuilder app)
    {
        var grants = app.MapGroup("/v1/grants");
        grants.MapGet("/{id:guid}", GetAsync);
        grants.MapGet("/", ListAsync).WithQuery("principal", "state", "target", "cursor", "limit");
        grants.MapGet("/{id:guid}/history", HistoryAsync);
        Map<ApproveBody, ApproveGrant>(
            grants,
            "approve",
            (c, body) =>
                new ApproveGrant
                {
                    GrantId = c.Grant,
                    Actor = c.Actor,
                    Key = c.Key,
                    Revision = c.Revision,
                    Comment = body?.Comment,
                    Duration = body?.Duration,
                }
        );
        Map<EditBody, EditGrant>(
            grants,
            "edit",
            (c, body) =>
                new EditGrant
                {
                    GrantId = c.Grant,
                    Actor = c.Actor,
                    Key = c.Key,
                    Revision = c.Revision,
                    Duration = body?.Duration,
                    NotBefore = body?.NotBefore,
                    Justification = body?.Justification,
                }
        );
        Map<ReviewBody, ReviewGrant>(
            grants,
            "review",
            (c, body) =>
                new ReviewGrant
                {
                    GrantId = c.Grant,
                    Actor = c.Actor,
                    Key = c.Key,
                    Revision = c.Revision,
                    Comment = body?.Comment,
                    Keep = body?.Outcome == ReviewOutcome.Keep,
                }
        );
        Map<RenewBody, RenewGrant>(
            grants,
            "renew",
            (c, body) =>
                new RenewGrant
                {
                    GrantId = c.Grant,
                    Actor = c.Actor,
                    Key = c.Key,
                    Duration = body!.Duration,
                    Justification = body.Justification,
                }
        );
        Map<RotateBody, RotateCredential>(
            grants,
            "rotate",
            (c, body) =>
                new RotateCredential
                {
                    GrantId = c.Grant,
                    Actor = c.Actor,
                    Key = c.Key,
                    Comment = body?.Comment,
                    RecipientKey = body?.RecipientKey,
                }
        );
        Map<CommandBody, SuspendGrant>(
            grants,
            "suspend",
            (c, body) =>
                new SuspendGrant
                {
                    GrantId = c.Grant,
                    Actor = c.Actor,
                    Key = c.Key,
                    Comment = body?.Comment,
                }
        );
        Map<CommandBody, ResumeGrant>(
            grants,
            "resume",
            (c, body) =>
                new ResumeGrant
                {
                    GrantId = c.Grant,
                    Actor = c.Actor,
                    Key = c.Key,
                    Comment = body?.Comment,
                }
        );
        Map<RejectBody, RejectGrant>(
            grants,
            "reject",
            (c, body) =>
                new RejectGrant
                {
                    GrantId = c.Grant,
                    Actor = c.Actor,
                    Key = c.Key,
                    Revision = c.Revision,
                    Comment = body?.Comment,
                }
        );
        Map<CommandBody, WithdrawGrant>(
            grants,
            "withdraw",
            (c, body) =>
                new WithdrawGrant
                {
                    GrantId = c.Grant,
                    Actor = c.Actor,
                    Key = c.Key,
                    Comment = body?.Comment,
                }
        );
        Map<CommandBody, RevokeGrant>(
            grants,
            "revoke",
            (c, body) =>
                new RevokeGrant
                {
                    GrantId = c.Grant,
                    Actor = c.Actor,
                    Key = c.Key,
                    Comment = body?.Comment,
                }
        );
    }

    private static void Map<TBody, T>(RouteGroupBuilder grants, string verb, Func<CommandCall, TBody?, T> make)
        where TBody : class
        where T : GrantCommand =>
        grants.MapPost(
            "/{id:guid}/" + verb,
            (Guid id, HttpContext http, GrantCommands commands) => commands.RunAsync(id, http, verb, make)
        );

    private static async Task<IResult> GetAsync(Guid id, HttpContext http, GrantReader reader, CancellationToken cancellationToken)
    {
        if (await reader.GetAsync(id, cancellationToken) is not { } grant)
        {
            return Problems.NoSuchGrant(id);
        }

        Revisions.Tell(http.Response, grant);
        return Results.Ok(grant);
    }

    private static async Task<IResult> HistoryAsync(Guid id, GrantHistory history, CancellationToken cancellationToken) =>
        await history.ReadAsync(id, cancellationToken) is { } evidence ? Results.Ok(evidence) : Problems.NoSuchGrant(id);

    private static async Task<IResult> ListAsync(HttpContext http, GrantReader reader, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http.Request.Query);
        var (principal, state, target, cursor) = (query.Text("principal"), query.Text("state"), query.Text("target"), query.Text("cursor"));
        var limit = query.Number("limit", 50, long.MinValue);
        if (query.Problem is { } problem)
        {
            return problem;
        }

        var machineState = state is null ? null : GrantState.All.FirstOrDefault(s => GrantState.ToWire(s) == state);
        if (state is not null && machineState is null)
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest,
                "invalid-state",
                $"state: '{TextRules.Shown(state)}' is none of {string.Join(", ", GrantState.All.Select(GrantState.ToWire))}."
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

        return Results.Ok(
            await reader.ListAsync(new GrantQuery(principal, machineState, after, (int)limit) { Target = target }, cancellationToken)
        );
    }
}
