using Governance.Lifecycle.Evidence;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Installation;
using Marten;
using Npgsql;
using NpgsqlTypes;

namespace Governance.Lifecycle.KillSwitch;

/// <summary>Grants and orders as both are stored: what an order would hit, what is left of it, how it ended.</summary>
public sealed class OrderedGrants(IDocumentStore store)
{
    private const string Lock = "revocations";

    // Being taken away already, whoever asked: it only has to be read back.
    private const string UnderWay = $"('{GrantState.Revoking}', '{GrantState.RevokeFailed}')";

    private static readonly string Live = $"data ->> 'currentState' in ({GrantState.LiveList})";

    private static readonly string Aimed = EventNames.All[typeof(RevocationAimed)];

    private string Grants => store.Options.Schema.For<Grant>();

    private string Orders => store.Options.Schema.For<RevocationOrder>();

    private string Events => $"{store.Options.Events.DatabaseSchemaName}.mt_events";

    // The grants of the order $1.
    private string OfOrder =>
        $"""
            (select (aimed ->> 'grantId')::uuid as grant_id from {Events} e, jsonb_array_elements(e.data -> 'grants') aimed
            where e.stream_id = $1 and e.type = '{Aimed}') of_order join {Grants} g on g.id = of_order.grant_id
            """;

    /// <summary>Until the session's transaction ends no request comes in: those that did are committed, and the others will see the order.</summary>
    public static Task LockAsync(IDocumentSession session, CancellationToken cancellationToken) =>
        InstallationLock.TakeAsync(session, cancellationToken, Lock);

    /// <summary>Until the session's transaction ends no order is given.</summary>
    public static Task HoldAsync(IDocumentSession session, CancellationToken cancellationToken) =>
        InstallationLock.HoldAsync(session, Lock, cancellationToken);

    /// <summary>Orders that were given at that moment or after it.</summary>
    public static async Task<IReadOnlyList<RevocationOrder>> OrdersSinceAsync(
        IQuerySession session,
        DateTimeOffset since,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            $"select id from {session.DocumentStore.Options.Schema.For<RevocationOrder>()} where data ->> 'at' >= $1 order by data ->> 'at', id"
        );
        command.Parameters.Add(new() { Value = Moments.ToWire(since) });
        return await LoadAsync(session, command, cancellationToken);
    }

    /// <summary>Orders that are not finished, the oldest first.</summary>
    public async Task<IReadOnlyList<RevocationOrder>> OpenAsync(CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        await using var command = new NpgsqlCommand(
            $"select id from {Orders} where data ->> 'state' = '{RevocationState.Revoking}' order by data ->> 'at', id"
        );
        return await LoadAsync(session, command, cancellationToken);
    }

    /// <summary>The latest order first.</summary>
    public async Task<IReadOnlyList<RevocationOrder>> LatestAsync(int limit, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        await using var command = new NpgsqlCommand($"select id from {Orders} order by data ->> 'at' desc, id desc limit {limit}");
        return await LoadAsync(session, command, cancellationToken);
    }

    /// <summary>All that matches and is not over, and how many are not over at all.</summary>
    public async Task<MatchedGrants> MatchAsync(IQuerySession session, RevocationCriteria criteria, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select id, data ->> 'currentState', data ->> 'principal', data ->> 'entitlement' from {Grants}
            where {Live} and {RevocationCriteria.Condition} order by id
            """
        );
        criteria.Bind(command);
        var found = new List<MatchedGrant>();
        await using (var reader = await session.ExecuteReaderAsync(command, cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                found.Add(new MatchedGrant(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3)));
            }
        }

        await using var count = new NpgsqlCommand($"select count(*) from {Grants} where {Live}");
        await using var counted = await session.ExecuteReaderAsync(count, cancellationToken);
        await counted.ReadAsync(cancellationToken);
        return new MatchedGrants(found, (int)counted.GetInt64(0));
    }

    /// <summary>Whether there ever was a grant that this is about.</summary>
    public async Task<bool> EverAsync(IQuerySession session, RevocationCriteria criteria, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"select 1 from {Grants} where {RevocationCriteria.Condition} limit 1");
        criteria.Bind(command);
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        return await reader.ReadAsync(cancellationToken);
    }

    /// <summary>Entitlements of a target that somebody was given or asked for, as their names say.</summary>
    public async Task<IReadOnlyList<string>> EntitlementsSeenAsync(
        IQuerySession session,
        string target,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            $"select distinct data ->> 'entitlement' from {Grants} where split_part(data ->> 'entitlement', '/', 1) = $1"
        );
        command.Parameters.Add(new() { Value = target });
        var seen = new List<string>();
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            seen.Add(reader.GetString(0));
        }

        return seen;
    }

    /// <summary>Grants of the order that nothing is taking away yet.</summary>
    public async Task<IReadOnlyList<Guid>> UntouchedAsync(Guid order, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        await using var command = new NpgsqlCommand(
            $"select g.id from {OfOrder} where g.{Live} and g.data ->> 'currentState' not in {UnderWay}"
        );
        command.Parameters.Add(new() { Value = order });
        return await ReadIdsAsync(session, command, cancellationToken);
    }

    public async Task<RevocationProgress> ProgressAsync(Guid order, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        await using var command = new NpgsqlCommand(
            $"select g.data ->> 'currentState', count(*), max(g.data ->> 'endedAt') from {OfOrder} group by 1"
        );
        command.Parameters.Add(new() { Value = order });
        var states = new Dictionary<string, int>(StringComparer.Ordinal);
        string? last = null;
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            states[reader.GetString(0)] = (int)reader.GetInt64(1);
            if (!await reader.IsDBNullAsync(2, cancellationToken) && string.CompareOrdinal(reader.GetString(2), last) > 0)
            {
                last = reader.GetString(2);
            }
        }

        return new RevocationProgress(
            states,
            last is null ? null : DateTimeOffset.Parse(last, System.Globalization.CultureInfo.InvariantCulture)
        );
    }

    /// <summary>Grants of the order that the target does not let go, those that have failed most often first.</summary>
    public async Task<IReadOnlyList<Grant>> FailingAsync(Guid order, int limit, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        await using var command = new NpgsqlCommand(
            $"""
            select g.id from {OfOrder} where g.data ->> 'currentState' = '{GrantState.RevokeFailed}'
            order by (g.data -> 'failure' ->> 'attempt')::int desc, g.id limit {limit}
            """
        );
        command.Parameters.Add(new() { Value = order });
        var ids = await ReadIdsAsync(session, command, cancellationToken);
        return await InOrderAsync<Grant>(session, ids, g => g.Id, cancellationToken);
    }

    /// <summary>Grants of the order that are over, of which something was left when they ended.</summary>
    public async Task<IReadOnlyList<Grant>> RemainingAsync(IQuerySession session, Guid order, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select g.id from {OfOrder}
            where g.data ->> 'currentState' = '{GrantState.Ended}' and g.data -> 'remains' is not null order by g.id
            """
        );
        command.Parameters.Add(new() { Value = order });
        return await InOrderAsync<Grant>(session, await ReadIdsAsync(session, command, cancellationToken), g => g.Id, cancellationToken);
    }

    /// <summary>How the grants of the order are now; null for as long as one is not over.</summary>
    public async Task<IReadOnlyList<AccountedGrant>?> AccountAsync(IQuerySession session, Guid order, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select g.id, g.data ->> 'currentState', g.data ->> 'endReason', g.data ->> 'endedAt', coalesce(g.data ->> 'revocation' = $2, false)
            from {OfOrder} order by g.id
            """
        );
        command.Parameters.Add(new() { Value = order });
        command.Parameters.Add(new() { Value = order.ToString(), NpgsqlDbType = NpgsqlDbType.Text });
        var accounted = new List<AccountedGrant>();
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var state = reader.GetString(1);
            if (!GrantState.Final.Contains(state, StringComparer.Ordinal))
            {
                return null;
            }

            accounted.Add(
                new AccountedGrant
                {
                    GrantId = reader.GetGuid(0),
                    State = GrantState.ToWire(state),
                    Reason = await reader.IsDBNullAsync(2, cancellationToken) ? null : reader.GetString(2),
                    EndedAt = await reader.IsDBNullAsync(3, cancellationToken)
                        ? null
                        : DateTimeOffset.Parse(reader.GetString(3), System.Globalization.CultureInfo.InvariantCulture),
                    ByThisOrder = reader.GetBoolean(4),
                }
            );
        }

        return accounted;
    }

    private static async Task<IReadOnlyList<RevocationOrder>> LoadAsync(
        IQuerySession session,
        NpgsqlCommand command,
        CancellationToken cancellationToken
    ) =>
        await InOrderAsync<RevocationOrder>(session, await ReadIdsAsync(session, command, cancellationToken), o => o.Id, cancellationToken);

    private static async Task<IReadOnlyList<T>> InOrderAsync<T>(
        IQuerySession session,
        IReadOnlyList<Guid> ids,
        Func<T, Guid> idOf,
        CancellationToken cancellationToken
    )
        where T : notnull
    {
        if (ids.Count == 0)
        {
            return [];
        }

        var loaded = (await session.LoadManyAsync<T>(cancellationToken, [.. ids])).ToDictionary(idOf);
        return [.. ids.Where(loaded.ContainsKey).Select(id => loaded[id])];
    }

    private static async Task<IReadOnlyList<Guid>> ReadIdsAsync(
        IQuerySession session,
        NpgsqlCommand command,
        CancellationToken cancellationToken
    )
    {
        var found = new List<Guid>();
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetGuid(0));
        }

        return found;
    }
}

/// <summary>What an order would be about.</summary>
/// <param name="Grants">Those that match and are not over.</param>
/// <param name="Live">All that are not over, whether they match or not.</param>
public sealed record MatchedGrants(IReadOnlyList<MatchedGrant> Grants, int Live)
{
    /// <summary>Those of them that are being taken away already.</summary>
    public int UnderWay => Grants.Count(g => g.State is GrantState.Revoking or GrantState.RevokeFailed);

    /// <summary>Those that an order would end.</summary>
    public int Hit => Grants.Count - UnderWay;
}

public sealed record MatchedGrant(Guid Id, string State, string Principal, string Entitlement);

/// <summary>How far an order is, as its grants themselves say.</summary>
/// <param name="States">Number of grants by state of the machine.</param>
/// <param name="LastEndedAt">When the last of those that are over ended.</param>
public sealed record RevocationProgress(IReadOnlyDictionary<string, int> States, DateTimeOffset? LastEndedAt)
{
    /// <summary>Access that the target is asked to take away.</summary>
    public int Revoking => Of(GrantState.Revoking);

    /// <summary>Access that it failed to take away, and is asked again.</summary>
    public int Failed => Of(GrantState.RevokeFailed);

    /// <summary>Access that was read back as absent.</summary>
    public int Gone => Of(GrantState.Ended);

    /// <summary>Requests that gave nothing yet and never will.</summary>
    public int Prevented => GrantState.Final.Where(s => s != GrantState.Ended).Sum(Of);

    /// <summary>Grants that nothing is taking away yet.</summary>
    public int Waiting => States.Values.Sum() - Revoking - Failed - Gone - Prevented;

    /// <summary>Grants that are not over.</summary>
    public int Left => Waiting + Revoking + Failed;

    private int Of(string state) => States.GetValueOrDefault(state);
}
