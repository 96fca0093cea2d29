using Governance.Lifecycle.Evidence;
using Governance.Lifecycle.Grants;
using Marten;
using Npgsql;

namespace Governance.Lifecycle.Objectives;

/// <summary>How long it took until access was there, or gone, as the recorded events say.</summary>
public sealed class RecordedWaits(IDocumentStore store)
{
    // Replicas stamp events by their own clocks: an earlier stamp may have a later place in the store.
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromMinutes(5);

    private string Events => $"{store.Options.Events.DatabaseSchemaName}.mt_events";

    /// <summary>The figures of what was recorded as read back at this moment or later, by objective; none for one of which nothing was.</summary>
    public async Task<IReadOnlyDictionary<string, WaitFigures>> MeasureAsync(
        IReadOnlyList<Objective> objectives,
        DateTimeOffset since,
        CancellationToken cancellationToken
    )
    {
        await using var session = store.QuerySession();
        var first = await FirstSequenceAsync(session, since - ClocksDiffer, cancellationToken);
        // The permit and the activation that it starts are one transaction, and its events carry the same moment: reading the activation's
        // spares reading the decision, which is large.
        await using var command = new NpgsqlCommand(
            $"""
            with read_back as (
                select stream_id, version, type, data from {Events} where seq_id >= $1 and type = any($2) and "timestamp" >= $3),
            waits as (
                select '{Objective.DecisionToEffective}' as objective, {Moment("e", "activatedAt")} as until,
                    {Before<ActivationStarted>("at")} as since
                from read_back e where type = '{Name<GrantActivated>()}'
                union all
                select '{Objective.ExpiryToGone}', {Moment("e", "observedAt")}, {EndBefore()}
                from read_back e where type = '{Name<GrantEnded>()}' and data ->> 'reason' = '{EndReason.Expired}'
                union all
                select '{Objective.RevokeToGone}', {Moment("e", "observedAt")}, {Before<RevocationStarted>("at")}
                from read_back e where type = '{Name<GrantEnded>()}' and data ->> 'reason' <> '{EndReason.Expired}'
                union all
                select '{Objective.SuspendToGone}', {Moment("e", "observedAt")}, {Before<SuspensionStarted>("at")}
                from read_back e where type = '{Name<GrantSuspended>()}'),
            measured as (select objective, greatest(extract(epoch from until - since), 0)::numeric(20, 3) as seconds from waits)
            select objective, count(*), percentile_disc(array[0.5, 0.95, 0.99]) within group (order by seconds), max(seconds),
                count(*) filter (where seconds > aim)
            from measured join unnest($4::text[], $5::numeric[]) as aims (objective, aim) using (objective)
            group by objective
            """
        );
        command.Parameters.Add(new() { Value = first });
        command.Parameters.Add(new() { Value = new[] { Name<GrantActivated>(), Name<GrantEnded>(), Name<GrantSuspended>() } });
        command.Parameters.Add(new() { Value = since.UtcDateTime });
        command.Parameters.Add(new() { Value = objectives.Select(o => o.Name).ToArray() });
        command.Parameters.Add(new() { Value = objectives.Select(o => (decimal)o.Aim.TotalSeconds).ToArray() });
        var figures = new Dictionary<string, WaitFigures>(StringComparer.Ordinal);
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var percentiles = await reader.GetFieldValueAsync<decimal[]>(2, cancellationToken);
            figures[reader.GetString(0)] = new WaitFigures(
                reader.GetInt64(1),
                percentiles[0],
                percentiles[1],
                percentiles[2],
                reader.GetDecimal(3),
                reader.GetInt64(4)
            );
        }

        return figures;
    }

    /// <summary>
    /// The first place in the store with this stamp or a later one. Stamps have no index, which every append would pay for: this halves the
    /// store along its primary key.
    /// </summary>
    private async Task<long> FirstSequenceAsync(IQuerySession session, DateTimeOffset stamp, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            with recursive halves (low, high) as (
                select min(seq_id), max(seq_id) + 1 from {Events}
                union all
                select case when early then middle + 1 else low end, case when early then high else middle end
                from halves cross join lateral (select (low + high) / 2 as middle) m
                cross join lateral (
                    select "timestamp" < $1 as early from {Events} where seq_id <= middle order by seq_id desc limit 1) e
                where low < high)
            select max(low) from halves
            """
        );
        command.Parameters.Add(new() { Value = stamp.UtcDateTime });
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        return await reader.ReadAsync(cancellationToken) && !await reader.IsDBNullAsync(0, cancellationToken) ? reader.GetInt64(0) : 0;
    }

    /// <summary>A moment of the last event of a type before the event <c>e</c> of the same grant.</summary>
    private string Before<TEvent>(string member) => $"({Last($"b.type = '{Name<TEvent>()}'", Moment("b", member))})";

    /// <summary>When the time granted was over, as the last event before the event <c>e</c> had it that says.</summary>
    private string EndBefore() =>
        $"""
            ({Last(
                $"(b.type in ('{Name<GrantActivated>()}', '{Name<GrantRenewed>()}', '{Name<GrantResumed>()}') "
                    + $"or b.type = '{Name<ActivationStarted>()}' and b.data ->> 'until' is not null)",
                $"coalesce({Moment("b", "expiresAt")}, {Moment("b", "until")})"
            )})
            """;

    private string Last(string condition, string value) =>
        $"select {value} from {Events} b where b.stream_id = e.stream_id and b.version < e.version and {condition} order by b.version desc limit 1";

    private static string Moment(string @event, string member) => $"({@event}.data ->> '{member}')::timestamptz";

    private static string Name<TEvent>() => EventNames.All[typeof(TEvent)];
}

/// <summary>How long it took, in seconds: exact, each percentile one that was measured.</summary>
/// <param name="Count">How many were read back.</param>
/// <param name="P50">Half took at most so long.</param>
/// <param name="P95">95 of 100 took at most so long.</param>
/// <param name="P99">99 of 100 took at most so long.</param>
/// <param name="Max">The longest.</param>
/// <param name="Missed">Those that took longer than the aim.</param>
public sealed record WaitFigures(long Count, decimal P50, decimal P95, decimal P99, decimal Max, long Missed);
