using Governance.Lifecycle.Installation;
using Governance.Lifecycle.Retention;
using Marten;

namespace Governance.Lifecycle.Api;

/// <summary>How far the access that is there has been decided again, and an operator's word where too much would go.</summary>
internal static class SweepEndpoints
{
    public static void MapSweeps(this IEndpointRouteBuilder app)
    {
        var sweeps = app.MapGroup("/v1/sweeps");
        sweeps.MapGet("/", ListAsync);
        sweeps.MapGet("/{id:guid}", GetAsync);
        sweeps.MapPost("/{id:guid}/confirm", ConfirmAsync);
    }

    private static async Task<IResult> ListAsync(SweptGrants grants, CancellationToken cancellationToken)
    {
        var views = new List<SweepView>();
        foreach (var sweep in await grants.LatestAsync(20, cancellationToken))
        {
            views.Add(await ViewAsync(sweep, grants, cancellationToken));
        }

        return Results.Ok(new { Sweeps = views });
    }

    private static async Task<IResult> GetAsync(Guid id, IDocumentStore store, SweptGrants grants, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        return await session.LoadAsync<Sweep>(id, cancellationToken) is { } sweep
            ? Results.Ok(await ViewAsync(sweep, grants, cancellationToken))
            : NoSuchSweep(id);
    }

    private static async Task<IResult> ConfirmAsync(
        Guid id,
        HttpContext http,
        IDocumentStore store,
        SweptGrants grants,
        CallerIdentity callers,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var (actor, problem) = await Operators.IdentifyAsync(callers, http);
        if (actor is null)
        {
            return problem!;
        }

        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellationToken);
        await InstallationLock.TakeAsync(session, cancellationToken, InstallationLock.OfSweep(id));
        var stream = await session.Events.FetchForWriting<Sweep>(id, cancellationToken);
        if (stream.Aggregate is not { } sweep)
        {
            return NoSuchSweep(id);
        }

        if (sweep.State != SweepState.Held && sweep.ConfirmedAt is null)
        {
            return Problems.Of(
                StatusCodes.Status409Conflict,
                "not-held",
                $"The sweep is {sweep.State}: there is nothing to confirm.",
                ("state", sweep.State)
            );
        }

        // Said again, it changes nothing.
        if (sweep.State == SweepState.Held)
        {
            stream.AppendOne(new SweepConfirmed(actor, null, clock.Now()));
            await session.SaveChangesAsync(cancellationToken);
        }

        await using var reader = store.QuerySession();
        return Results.Ok(await ViewAsync((await reader.LoadAsync<Sweep>(id, cancellationToken))!, grants, cancellationToken));
    }

    private static async Task<SweepView> ViewAsync(Sweep sweep, SweptGrants grants, CancellationToken cancellationToken)
    {
        var now = sweep.State is SweepState.Finished or SweepState.Superseded ? null : await grants.ProgressAsync(sweep, cancellationToken);
        return new SweepView
        {
            Id = sweep.Id,
            State = sweep.State,
            Bundle = sweep.Bundle,
            Catalog = sweep.Catalog,
            Active = now?.Active,
            Decided = now?.Decided,
            StillForbidden = now?.Forbidden,
            Total = sweep.JudgedAt is null ? null : sweep.Total,
            Forbidden = sweep.JudgedAt is null ? null : sweep.Forbidden,
            StartedAt = sweep.StartedAt,
            JudgedAt = sweep.JudgedAt,
            ConfirmedAt = sweep.ConfirmedAt,
            FinishedAt = sweep.FinishedAt,
        };
    }

    private static IResult NoSuchSweep(Guid id) => Problems.Of(StatusCodes.Status404NotFound, "no-such-sweep", $"There is no sweep {id}.");
}

public sealed record SweepView
{
    public required Guid Id { get; init; }
    public required string State { get; init; }
    public required string Bundle { get; init; }
    public required string Catalog { get; init; }

    /// <summary>Active grants now; null when the sweep is over.</summary>
    public int? Active { get; init; }

    /// <summary>Those of them that are decided again.</summary>
    public int? Decided { get; init; }

    /// <summary>Those of them that still have to go.</summary>
    public int? StillForbidden { get; init; }

    /// <summary>Active grants when all were decided.</summary>
    public int? Total { get; init; }

    /// <summary>Those of them that had to go.</summary>
    public int? Forbidden { get; init; }

    public required DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? JudgedAt { get; init; }
    public DateTimeOffset? ConfirmedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
}
