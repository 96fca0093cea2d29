using System.Text.Json;
using Governance.Lifecycle.Evidence;
using Governance.Lifecycle.Grants;
using Marten;
using Npgsql;

namespace Governance.Lifecycle.Objectives;

/// <summary>Access that is to be there, or gone, and was not read back so, as the grants themselves say.</summary>
public sealed class OpenWaits(IDocumentStore store)
{
    // Access whose end nobody has told of yet is to be gone as well. What is suspended is gone already.
    private const string Waiting = $"""
        case
            when data ->> 'currentState' in ('{GrantState.Revoking}', '{GrantState.RevokeFailed}')
                then case when data ->> 'endReason' = '{EndReason.Expired}' then '{Objective.ExpiryToGone}' else '{Objective.RevokeToGone}' end
            when data ->> 'currentState' in ('{GrantState.Activating}', '{GrantState.Active}', '{GrantState.Suspending}')
                and (data ->> 'expiresAt')::timestamptz <= $1 then '{Objective.ExpiryToGone}'
            when data ->> 'currentState' = '{GrantState.Suspending}' then '{Objective.SuspendToGone}'
            when data ->> 'currentState' = '{GrantState.Activating}' and data ->> 'expiresAt' is null then '{Objective.DecisionToEffective}'
        end
        """;

    // A suspension that was not through when something else took the access away began its removal.
    private string Since =>
        $"""
            least(
                case objective
                    when '{Objective.ExpiryToGone}' then (data ->> 'expiresAt')::timestamptz
                    when '{Objective.RevokeToGone}' then {Last<RevocationStarted>()}
                    when '{Objective.DecisionToEffective}' then {Last<ActivationStarted>()}
                end,
                case when data -> 'suspension' ->> 'suspendedAt' is null then (data -> 'suspension' ->> 'startedAt')::timestamptz end)
            """;

    private string Last<TEvent>() =>
        $"""
            (select (e.data ->> 'at')::timestamptz from {store.Options.Events.DatabaseSchemaName}.mt_events e
            where e.stream_id = live.id and e.type = '{EventNames.All[typeof(TEvent)]}'
            order by e.version desc limit 1)
            """;

    /// <summary>By objective; none for one of which nothing is open.</summary>
    public async Task<IReadOnlyDictionary<string, OpenWait>> FindAsync(
        IReadOnlyList<Objective> objectives,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        await using var session = store.QuerySession();
        await using var command = new NpgsqlCommand(
            $"""
            with live as (select id, data, {Waiting} as objective from {store.Options.Schema.For<Grant>()}),
            waiting as (select id, data, objective, {Since} as since from live where objective is not null)
            select distinct on (objective) objective, count(*) over all_of_it, count(*) filter (where $1 - since > aim) over all_of_it,
                id, since, data ->> 'principal', data ->> 'entitlement', data ->> 'currentState', data ->> 'failure'
            from waiting join unnest($2::text[], $3::interval[]) as aims (objective, aim) using (objective)
            window all_of_it as (partition by objective)
            order by objective, since, id
            """
        );
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        command.Parameters.Add(new() { Value = objectives.Select(o => o.Name).ToArray() });
        command.Parameters.Add(new() { Value = objectives.Select(o => o.Aim).ToArray() });
        var found = new Dictionary<string, OpenWait>(StringComparer.Ordinal);
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var failure = await reader.IsDBNullAsync(8, cancellationToken) ? null : reader.GetString(8);
            found[reader.GetString(0)] = new OpenWait
            {
                Count = reader.GetInt64(1),
                Late = reader.GetInt64(2),
                Oldest = reader.GetGuid(3),
                Since = await reader.GetFieldValueAsync<DateTimeOffset>(4, cancellationToken),
                Principal = reader.GetString(5),
                Entitlement = reader.GetString(6),
                State = reader.GetString(7),
                Failure = failure is null ? null : JsonSerializer.Deserialize<GrantFailure>(failure, WireJson.Options),
            };
        }

        await reader.CloseAsync();
        var failing = found.Where(open => open.Value.Failure is not null).ToList();
        var latest = await LatestFailure.OfAsync(session, failing.Select(open => open.Value.Oldest).Distinct(), cancellationToken);
        foreach (var (objective, open) in failing)
        {
            found[objective] = open with { Failure = LatestFailure.Seen(open.Failure, latest.GetValueOrDefault(open.Oldest), now) };
        }

        return found;
    }
}

/// <summary>What is to be there, or gone, and is not yet, and all about the one that has been so for the longest time.</summary>
public sealed record OpenWait
{
    public required long Count { get; init; }

    /// <summary>Those of them that have waited for longer than the aim.</summary>
    public required long Late { get; init; }

    /// <summary>The grant that waits for the longest time.</summary>
    public required Guid Oldest { get; init; }
    public required DateTimeOffset Since { get; init; }
    public required string Principal { get; init; }
    public required string Entitlement { get; init; }
    public required string State { get; init; }
    public GrantFailure? Failure { get; init; }
}
