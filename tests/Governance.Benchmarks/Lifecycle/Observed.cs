using Npgsql;

namespace Governance.Benchmarks.Lifecycle;

/// <summary>What became of the grants, as the event store has it: the time of the commit's events, not of a poll.</summary>
internal sealed class Observed(LocalSuite suite) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _store = NpgsqlDataSource.Create(suite.Postgres("governance_lifecycle"));

    public async Task<Dictionary<Guid, string>> StatesAsync(IReadOnlyCollection<Guid> grants)
    {
        await using var command = _store.CreateCommand("select id, data ->> 'currentState' from lifecycle.mt_doc_grant where id = any($1)");
        command.Parameters.Add(new() { Value = grants.ToArray() });
        await using var reader = await command.ExecuteReaderAsync();
        var states = new Dictionary<Guid, string>();
        while (await reader.ReadAsync())
        {
            states[reader.GetGuid(0)] = reader.GetString(1);
        }

        return states;
    }

    /// <summary>When each grant became active, and how long after its end the target was seen without it.</summary>
    public async Task<(Dictionary<Guid, DateTimeOffset> Active, List<double> LatenessMs)> TimesAsync(IReadOnlyCollection<Guid> grants)
    {
        await using var command = _store.CreateCommand(
            """
            select a.stream_id, a.timestamp,
                   extract(epoch from ((e.data ->> 'observedAt')::timestamptz - (a.data ->> 'expiresAt')::timestamptz)) * 1000
            from lifecycle.mt_events a left join lifecycle.mt_events e on e.stream_id = a.stream_id and e.type = 'grant-ended.v1'
            where a.type = 'grant-activated.v1' and a.stream_id = any($1)
            """
        );
        command.Parameters.Add(new() { Value = grants.ToArray() });
        await using var reader = await command.ExecuteReaderAsync();
        var active = new Dictionary<Guid, DateTimeOffset>();
        var lateness = new List<double>();
        while (await reader.ReadAsync())
        {
            active[reader.GetGuid(0)] = await reader.GetFieldValueAsync<DateTimeOffset>(1);
            if (!await reader.IsDBNullAsync(2))
            {
                lateness.Add((double)reader.GetDecimal(2));
            }
        }

        return (active, lateness);
    }

    /// <summary>The first and the last end of these grants, and when the last was seen gone.</summary>
    public async Task<(DateTimeOffset First, DateTimeOffset Last, DateTimeOffset Gone)> EndsAsync(IReadOnlyCollection<Guid> grants)
    {
        await using var command = _store.CreateCommand(
            """
            select min(data ->> 'expiresAt')::timestamptz, max(data ->> 'expiresAt')::timestamptz, max(data ->> 'endedAt')::timestamptz
            from lifecycle.mt_doc_grant where id = any($1) and data ->> 'expiresAt' is not null
            """
        );
        command.Parameters.Add(new() { Value = grants.ToArray() });
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (
            await reader.GetFieldValueAsync<DateTimeOffset>(0),
            await reader.GetFieldValueAsync<DateTimeOffset>(1),
            await reader.GetFieldValueAsync<DateTimeOffset>(2)
        );
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
