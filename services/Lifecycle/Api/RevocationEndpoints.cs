using Governance.Lifecycle.Evidence;
using Governance.Lifecycle.KillSwitch;
using Governance.Reading;
using Governance.ServiceDefaults.Http;
using Marten;

namespace Governance.Lifecycle.Api;

/// <summary>The kill switch: what an order would hit, giving it, and how far it is.</summary>
internal static class RevocationEndpoints
{
    public static void MapRevocations(this IEndpointRouteBuilder app)
    {
        var revocations = app.MapGroup("/v1/revocations");
        revocations.MapPost("/preview", PreviewAsync);
        revocations.MapPost("/", GiveAsync);
        revocations.MapGet("/", ListAsync);
        revocations.MapGet("/{id:guid}", GetAsync);
        revocations.MapGet("/{id:guid}/history", HistoryAsync);
    }

    private static async Task<IResult> PreviewAsync(HttpContext http, RevocationReader reader, CancellationToken cancellationToken)
    {
        var (body, wrong) = await Commands.ReadAsync<PreviewBody>(http, b => b.Fault());
        if (body is null)
        {
            return wrong!;
        }

        var (preview, fault) = await reader.PreviewAsync(body, cancellationToken);
        return preview is null ? UnknownName(fault!) : Results.Ok(preview);
    }

    private static async Task<IResult> GiveAsync(
        HttpContext http,
        CallerIdentity callers,
        RevocationOrders orders,
        RevocationReader reader,
        CancellationToken cancellationToken
    )
    {
        var (actor, problem) = await Operators.IdentifyAsync(callers, http);
        if (actor is null)
        {
            return problem!;
        }

        var (key, tooLong) = GrantCommands.KeyOf(http);
        if (tooLong is not null)
        {
            return tooLong;
        }

        var (body, wrong) = await Commands.ReadAsync<RevokeBody>(http, b => b.Fault());
        if (body is null)
        {
            return wrong!;
        }

        var answer = await orders.GiveAsync(new GiveOrder(actor, body.Selector, body.Reason, body.Confirm, key), cancellationToken);
        return answer switch
        {
            OrderAnswer.Given given => Results.Created($"/v1/revocations/{given.Id}", await reader.GetAsync(given.Id, cancellationToken)),
            OrderAnswer.Repeated repeated => Results.Ok(await reader.GetAsync(repeated.Id, cancellationToken)),
            OrderAnswer.UnknownName unknown => UnknownName(unknown.Fault),
            OrderAnswer.Unconfirmed unconfirmed => Unconfirmed(unconfirmed.Matched, body.Confirm),
            _ => Problems.Of(
                StatusCodes.Status409Conflict,
                "key-reused",
                $"{GrantCommands.KeyHeader}: this key gave an order with another selector; use a new key."
            ),
        };
    }

    private static async Task<IResult> ListAsync(RevocationReader reader, CancellationToken cancellationToken) =>
        Results.Ok(new { Revocations = await reader.LatestAsync(cancellationToken) });

    private static async Task<IResult> GetAsync(Guid id, RevocationReader reader, CancellationToken cancellationToken) =>
        await reader.GetAsync(id, cancellationToken) is { } order ? Results.Ok(order) : NoSuchRevocation(id);

    private static async Task<IResult> HistoryAsync(
        Guid id,
        IDocumentStore store,
        GrantHistory history,
        CancellationToken cancellationToken
    )
    {
        await using var session = store.QuerySession();
        return await session.LoadAsync<RevocationOrder>(id, cancellationToken) is null
            ? NoSuchRevocation(id)
            : Results.Ok(await history.ReadAsync(id, cancellationToken));
    }

    private static IResult Unconfirmed(MatchedGrants matched, int? confirmed) =>
        Problems.Of(
            StatusCodes.Status409Conflict,
            "needs-confirmation",
            confirmed is null
                ? $"This ends {matched.Hit} of {matched.Live} grants: look at the preview, then repeat it with confirm: {matched.Hit}."
                : $"confirm: {confirmed} is not the number of grants that this ends now, {matched.Hit} of {matched.Live}: look at the preview again.",
            ("hit", matched.Hit),
            ("live", matched.Live)
        );

    private static IResult UnknownName(SelectorFault fault) =>
        Problems.Of(
            StatusCodes.Status400BadRequest,
            "unknown-" + fault.Member,
            fault.Member == "owner"
                ? $"selector.owner: the catalog has no person '{TextRules.Shown(fault.Value)}'; for an identity use selector.principal."
                : $"selector.{fault.Member}: nothing is or was known by '{TextRules.Shown(fault.Value)}'; correct the name."
        );

    private static IResult NoSuchRevocation(Guid id) =>
        Problems.Of(StatusCodes.Status404NotFound, "no-such-revocation", $"There is no revocation {id}.");
}
