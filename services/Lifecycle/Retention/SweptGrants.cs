using Governance.Contracts.Decisions;
using Governance.Lifecycle.Grants;
using Marten;
using Npgsql;

namespace Governance.Lifecycle.Retention;

/// <summary>How far a sweep is, as the grants themselves say.</summary>
public sealed class SweptGrants(IDocumentStore store)
{
    // What has access, or is about to: a permit that was under way when the change came in force.
    private const string Active = $"data ->> 'currentState' in ('{GrantState.Activating}', '{GrantState.Active}')";

    private string Grants => store.Options.Schema.For<Grant>();

    // By the sweep, or by what it sweeps for: otherwise a sweep would never be over while access is given all the time.
    // What an earlier sweep forbade and did not take away is asked again, since this sweep takes away only what it forbade itself.
    private const string Decided = """
        (coalesce(data -> 'retention' ->> 'sweep', '') = $1
            or (data -> 'decidedUnder' ->> 'bundle' = $2 and data -> 'decidedUnder' ->> 'catalog' = $3
                and data -> 'retention' ->> 'outcome' is distinct from 'forbid'))
        """;

    public async Task<SweepProgress> ProgressAsync(Sweep sweep, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        await using var command = new NpgsqlCommand(
            $"""
            select count(*), count(*) filter (where {Decided}), count(*) filter (where {Decided} and data -> 'retention' ->> 'outcome' = 'forbid'),
              count(*) filter (where data -> 'evaluation' ->> 'sweep' = $1)
            from {Grants} where {Active}
            """
        );
        Bind(command, sweep);
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new SweepProgress((int)reader.GetInt64(0), (int)reader.GetInt64(1), (int)reader.GetInt64(2), (int)reader.GetInt64(3));
    }

    /// <summary>Those that were not asked about yet.</summary>
    public Task<IReadOnlyList<Guid>> UnaskedAsync(Sweep sweep, int limit, CancellationToken cancellationToken) =>
        ListAsync(
            $"{Active} and not {Decided} and data -> 'evaluation' ->> 'sweep' is distinct from $1 order by id limit {limit}",
            sweep,
            cancellationToken
        );

    /// <summary>Those that have to go and are still there.</summary>
    public Task<IReadOnlyList<Guid>> ForbiddenAsync(Sweep sweep, int limit, CancellationToken cancellationToken) =>
        ListAsync(
            $"{Active} and {Decided} and data -> 'retention' ->> 'outcome' = 'forbid' order by id limit {limit}",
            sweep,
            cancellationToken
        );

    /// <summary>The latest sweep with this bundle that needs nobody's word to go on; null if there is none.</summary>
    internal async Task<Sweep?> UnderWayAsync(string bundle, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        await using var command = new NpgsqlCommand(
            $"""
            select id from {Sweeps} where data ->> 'state' in ('{SweepState.Judging}', '{SweepState.Ending}') and data ->> 'bundle' = $1
            order by (data ->> 'inForceVersion')::bigint desc limit 1
            """
        );
        command.Parameters.Add(new() { Value = bundle });
        var ids = await ReadAsync(session, command, cancellationToken);
        return ids.Count == 0 ? null : await session.LoadAsync<Sweep>(ids[0], cancellationToken);
    }

    /// <summary>The sweep that waits for an operator's word; null when none does.</summary>
    internal async Task<Sweep?> HeldAsync(CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        await using var command = new NpgsqlCommand(
            $"select id from {Sweeps} where data ->> 'state' = '{SweepState.Held}' order by (data ->> 'inForceVersion')::bigint desc limit 1"
        );
        var ids = await ReadAsync(session, command, cancellationToken);
        return ids.Count == 0 ? null : await session.LoadAsync<Sweep>(ids[0], cancellationToken);
    }

    /// <summary>Sweeps that are not over, read within the session's transaction.</summary>
    internal async Task<IReadOnlyList<Guid>> OpenSweepsAsync(IQuerySession session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"select id from {Sweeps} where data ->> 'state' not in ('{SweepState.Finished}', '{SweepState.Superseded}')"
        );
        return await ReadAsync(session, command, cancellationToken);
    }

    /// <summary>The latest sweep first.</summary>
    public async Task<IReadOnlyList<Sweep>> LatestAsync(int limit, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        await using var command = new NpgsqlCommand(
            $"select id from {Sweeps} order by (data ->> 'inForceVersion')::bigint desc limit {limit}"
        );
        var ids = await ReadAsync(session, command, cancellationToken);
        return [.. (await session.LoadManyAsync<Sweep>(cancellationToken, ids.ToArray())).OrderByDescending(s => s.InForceVersion)];
    }

    private string Sweeps => store.Options.Schema.For<Sweep>();

    private static void Bind(NpgsqlCommand command, Sweep sweep)
    {
        command.Parameters.Add(new() { Value = sweep.Id.ToString() });
        command.Parameters.Add(new() { Value = sweep.Bundle });
        command.Parameters.Add(new() { Value = sweep.Catalog });
    }

    private async Task<IReadOnlyList<Guid>> ListAsync(string condition, Sweep sweep, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        await using var command = new NpgsqlCommand($"select id from {Grants} where {condition}");
        Bind(command, sweep);
        return await ReadAsync(session, command, cancellationToken);
    }

    private static async Task<IReadOnlyList<Guid>> ReadAsync(
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

/// <summary>How far a sweep is.</summary>
/// <param name="Active">Grants that are active now.</param>
/// <param name="Decided">Those of them that have been decided by what is in force.</param>
/// <param name="Forbidden">Those of them that have to go.</param>
/// <param name="Asked">Those about which a question of the sweep is open.</param>
public sealed record SweepProgress(int Active, int Decided, int Forbidden, int Asked);
