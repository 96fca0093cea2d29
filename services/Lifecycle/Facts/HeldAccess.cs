using Governance.Contracts.Decisions;
using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Principals;
using Marten;
using Npgsql;

namespace Governance.Lifecycle.Facts;

/// <summary>Who holds what, as ledgers and grants say.</summary>
public sealed class HeldAccess(IDocumentStore store)
{
    private string Ledgers => store.Options.Schema.For<PrincipalLedger>();

    private string Grants => store.Options.Schema.For<Grant>();

    /// <summary>What a principal and the actor behind it hold by other grants.</summary>
    /// <param name="session">Reads within its transaction.</param>
    /// <param name="catalog">Who belongs to whom.</param>
    /// <param name="principal">The grantee.</param>
    /// <param name="human">The human behind it.</param>
    /// <param name="self">The grant that does not count.</param>
    /// <param name="before">Only what was asked for before; null for everything.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task<Held> HeldAsync(
        IQuerySession session,
        LoadedCatalog catalog,
        CatalogPrincipal principal,
        string? human,
        Guid self,
        DateTimeOffset? before,
        CancellationToken cancellationToken
    )
    {
        IEnumerable<string> members = human is null ? [principal.Id] : [human, principal.Id, .. catalog.OwnedBy(human)];
        var ids = members.Distinct(StringComparer.Ordinal).Select(NameBasedUuid.ForPrincipal).ToArray();
        var earlier = before is null
            ? ""
            : $"and (select (g.data ->> 'requestedAt', g.id::text) < ($3, $2) from {Grants} g where g.id = c.key::uuid)";
        await using var command = new NpgsqlCommand(
            $"""
            select d.data ->> 'principal', c.value
            from {Ledgers} d, jsonb_each_text(d.data -> 'claims') c
            where d.id = any($1) and c.key <> $2 {earlier}
            """
        );
        command.Parameters.Add(new() { Value = ids });
        command.Parameters.Add(new() { Value = self.ToString() });
        if (before is { } moment)
        {
            command.Parameters.Add(new() { Value = Moments.ToWire(moment) });
        }

        var holders = new List<(string Principal, string Entitlement)>();
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            holders.Add((reader.GetString(0), reader.GetString(1)));
        }

        return new Held(Distinct(holders.Where(h => h.Principal == principal.Id)), Distinct(holders), holders);
    }

    /// <summary>What those on whose behalf somebody acts have at the targets now.</summary>
    internal async Task<IReadOnlyList<DelegatorFacts>> DelegationAsync(
        IQuerySession session,
        IReadOnlyList<string> chain,
        string entitlement,
        CancellationToken cancellationToken
    )
    {
        // Through the ledgers' claims: they are found by key, where the grants would have to be searched.
        await using var command = new NpgsqlCommand(
            $"""
            select g.data ->> 'principal', g.data ->> 'entitlement', max(g.data ->> 'expiresAt')
            from {Ledgers} d, jsonb_object_keys(d.data -> 'claims') c, {Grants} g
            where d.id = any($1) and g.id = c::uuid and g.data ->> 'currentState' = '{GrantState.Active}'
            group by 1, 2
            """
        );
        command.Parameters.Add(new() { Value = chain.Select(NameBasedUuid.ForPrincipal).ToArray() });
        var rights = new List<(string Principal, string Entitlement, string Until)>();
        await using (var reader = await session.ExecuteReaderAsync(command, cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                rights.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2)));
            }
        }

        return
        [
            .. chain.Select(id => new DelegatorFacts
            {
                Principal = id,
                Held = Distinct(rights.Where(r => r.Principal == id).Select(r => (r.Principal, r.Entitlement))),
                HeldUntil = rights.Find(r => r.Principal == id && r.Entitlement == entitlement) is { Until: { } until }
                    ? DateTimeOffset.Parse(until, System.Globalization.CultureInfo.InvariantCulture)
                    : null,
            }),
        ];
    }

    /// <summary>Emergency access that a human used and that nobody has reviewed in time; null when there is none.</summary>
    internal async Task<IReadOnlyList<Guid>?> OverdueReviewsAsync(IQuerySession session, string human, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select id from {Grants}
            where data ->> 'requester' = $1 and (data ->> 'emergency')::boolean
              and data -> 'review' ->> 'missedAt' is not null and data -> 'review' ->> 'reviewedAt' is null
            order by id
            """
        );
        command.Parameters.Add(new() { Value = human });
        var overdue = new List<Guid>();
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            overdue.Add(reader.GetGuid(0));
        }

        return overdue.Count == 0 ? null : overdue;
    }

    /// <summary>Other emergency access that a human took for a ticket and that nobody has reviewed, open or over; null when there is none.</summary>
    internal async Task<IReadOnlyList<Guid>?> UnreviewedAsync(
        IQuerySession session,
        RequestFacts request,
        TicketFacts incident,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            $"""
            select id from {Grants}
            where data ->> 'requester' = $1 and (data ->> 'emergency')::boolean and id <> $2
              and lower(data -> 'ticket' ->> 'system') = lower($3) and lower(data -> 'ticket' ->> 'key') = lower($4)
              and data -> 'review' ->> 'reviewedAt' is null
              and (data ->> 'currentState' = any($5) or (data ->> 'currentState' = '{GrantState.Ended}' and data ->> 'activatedAt' is not null))
            order by id
            """
        );
        string[] held =
        [
            GrantState.Scheduled,
            GrantState.Activating,
            GrantState.Active,
            GrantState.Suspending,
            GrantState.Suspended,
            GrantState.Revoking,
            GrantState.RevokeFailed,
        ];
        command.Parameters.Add(new() { Value = request.Requester });
        command.Parameters.Add(new() { Value = request.Grant });
        command.Parameters.Add(new() { Value = incident.System });
        command.Parameters.Add(new() { Value = incident.Key });
        command.Parameters.Add(new() { Value = held });
        var unreviewed = new List<Guid>();
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            unreviewed.Add(reader.GetGuid(0));
        }

        return unreviewed.Count == 0 ? null : unreviewed;
    }

    private static List<string> Distinct(IEnumerable<(string Principal, string Entitlement)> holders) =>
        [.. holders.Select(h => h.Entitlement).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}

/// <summary>What is held by other grants.</summary>
/// <param name="ByPrincipal">By the grantee.</param>
/// <param name="ByActor">By the actor.</param>
/// <param name="Holders">Who of the actor holds what.</param>
internal sealed record Held(List<string> ByPrincipal, List<string> ByActor, List<(string Principal, string Entitlement)> Holders);
