using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.DecisionStream;
using Governance.Lifecycle.Grants;
using Governance.Reading;
using Governance.ServiceDefaults.Http;
using Marten;
using Npgsql;

namespace Governance.Lifecycle.Api;

/// <summary>What waits for people.</summary>
internal static class ApprovalEndpoints
{
    public static void MapApprovals(this IEndpointRouteBuilder app) => app.MapGet("/v1/approvals", ListAsync).WithQuery("mine");

    private static async Task<IResult> ListAsync(
        HttpContext http,
        CallerIdentity callers,
        ApprovalReader reader,
        CancellationToken cancellationToken
    )
    {
        var mine = http.Request.Query["mine"].ToString();
        if (mine is not ("" or "true" or "false"))
        {
            return ProblemResults.Of([new Fault("mine", "not-a-choice", "Send true or false, or no value, which means true.")]);
        }

        if (!http.Request.Query.ContainsKey("mine") || mine == "false")
        {
            return Results.Ok(new { Approvals = await reader.ListAsync(null, cancellationToken) });
        }

        var (actor, problem) = await callers.IdentifyAsync(http);
        return actor is null ? problem! : Results.Ok(new { Approvals = await reader.ListAsync(actor.Id, cancellationToken) });
    }
}

/// <summary>Finds the requests that people are asked about, the oldest first.</summary>
public sealed class ApprovalReader(IDocumentStore store, Catalogs catalogs)
{
    private const int Limit = 500;

    private const string Waits = $"""
        (data ->> 'currentState' = '{GrantState.AwaitingApproval}'
            or (data ->> 'currentState' = '{GrantState.Active}' and data -> 'renewal' ->> 'status' = '{RenewalStatus.AwaitingApproval}'))
        """;

    /// <param name="voter">Only what this person could still vote for; null for everything.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<PendingApproval>> ListAsync(string? voter, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        var catalog = await catalogs.InForceAsync(session, cancellationToken);
        await using var command = new NpgsqlCommand(
            $"select id from {store.Options.Schema.For<Grant>()} where {Waits} order by data ->> 'requestedAt', id"
        );
        var ids = new List<Guid>();
        await using (var reader = await session.ExecuteReaderAsync(command, cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                ids.Add(reader.GetGuid(0));
            }
        }

        var found = new List<PendingApproval>();
        foreach (var page in ids.Chunk(100).TakeWhile(_ => found.Count < Limit))
        {
            var grants = (await session.LoadManyAsync<Grant>(cancellationToken, page)).ToDictionary(g => g.Id);
            found.AddRange(
                page.Where(grants.ContainsKey)
                    .Select(id => grants[id])
                    .Where(g => g is { CurrentState: GrantState.AwaitingApproval } or { Renewal.Status: RenewalStatus.AwaitingApproval })
                    .Where(g => voter is null || (catalog is not null && Votes.MayVote(catalog, g, voter)))
                    .Select(g => PendingApproval.Of(g, catalog))
            );
        }

        return [.. found.Take(Limit)];
    }
}

/// <summary>A request that people are asked about.</summary>
public sealed record PendingApproval
{
    public required Guid Id { get; init; }
    public required string Principal { get; init; }
    public required string Entitlement { get; init; }
    public required string Requester { get; init; }

    /// <summary>Whether access is to be given, or to last longer.</summary>
    public required Contracts.Decisions.DecisionPurpose Purpose { get; init; }
    public required TimeSpan Duration { get; init; }

    /// <summary>What a vote names, and is for.</summary>
    public required int Revision { get; init; }

    /// <summary>Where the grantee gets it; null where the catalog has no account or right for it any more.</summary>
    public ApprovalPlace? Place { get; init; }
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>When it lapses.</summary>
    public DateTimeOffset? Until { get; init; }

    public required IReadOnlyList<Contracts.Decisions.Gate> Gates { get; init; }
    public GrantTicket? Ticket { get; init; }
    public required GrantLinks Links { get; init; }

    public static PendingApproval Of(Grant grant, LoadedCatalog? catalog)
    {
        string Name(string id) => catalog?.NameOf(id) ?? id;
        var renewal = grant.CurrentState == GrantState.Active ? grant.Renewal : null;
        return new PendingApproval
        {
            Id = grant.Id,
            Principal = Name(grant.Principal),
            Entitlement = grant.Entitlement,
            Requester = Name(renewal?.Requester ?? grant.Requester),
            Purpose = renewal is null ? Contracts.Decisions.DecisionPurpose.Issue : Contracts.Decisions.DecisionPurpose.Renew,
            Duration = renewal?.Duration ?? grant.Duration ?? grant.RequestedDuration,
            Revision = grant.Revision,
            Place =
                catalog is not null && Votes.BallotIn(catalog, grant, null, default) is { } place
                    ? new ApprovalPlace(place.Target, place.Account, place.Privilege)
                    : null,
            RequestedAt = renewal?.RequestedAt ?? grant.RequestedAt,
            Until = renewal is not null
                ? grant.ExpiresAt
                : grant.Deadlines.GetValueOrDefault(Contracts.Lifecycle.DeadlineKinds.ApprovalWindow)?.Due,
            Gates = DecisionMessages.Named(grant.Gates, Name),
            Ticket = grant.Ticket,
            Links = new GrantLinks($"/v1/grants/{grant.Id}", $"/v1/grants/{grant.Id}/history"),
        };
    }
}

/// <summary>The place at a target that a vote is for.</summary>
public sealed record ApprovalPlace(string Target, string Account, string Privilege);
