using System.Text.Json;
using Governance.Lifecycle.Evidence;
using Governance.Lifecycle.Grants;
using Marten;
using Npgsql;

namespace Governance.Lifecycle.Api;

/// <summary>Reads recorded decisions, in the order of the store, for whoever wants to make them again.</summary>
/// <remarks>
/// One query a page, along the primary key of the events. A decision that is being committed while it is read may be missing, although
/// one with a higher sequence is there: who follows the store reads the decision stream.
/// </remarks>
public sealed class DecisionReader(IDocumentStore store)
{
    /// <param name="after">Only what has a higher sequence.</param>
    /// <param name="limit">How many.</param>
    /// <param name="grant">Only this grant's; null for all.</param>
    /// <param name="from">Only what was stored then or later; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<RecordedDecisionPage> ReadAsync(
        long after,
        int limit,
        Guid? grant,
        DateTimeOffset? from,
        CancellationToken cancellationToken
    )
    {
        await using var session = store.QuerySession();
        await using var command = Command(after, limit + 1, grant, from);
        var decisions = new List<RecordedDecision>();
        await using (var reader = await session.ExecuteReaderAsync(command, cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var evaluation = await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetString(3);
                decisions.Add(View(reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), evaluation));
            }
        }

        return decisions.Count == 0 ? new RecordedDecisionPage([], null) { Last = await LastAsync(session, cancellationToken) }
            : decisions.Count > limit ? new RecordedDecisionPage([.. decisions.Take(limit)], decisions[limit - 1].Sequence)
            : new RecordedDecisionPage(decisions, null);
    }

    private async Task<long?> LastAsync(IQuerySession session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"select seq_id from {store.Options.Events.DatabaseSchemaName}.mt_events where type = any($1) order by seq_id desc limit 1"
        );
        command.Parameters.Add(new() { Value = DecisionEvents.Names });
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? reader.GetInt64(0) : null;
    }

    private NpgsqlCommand Command(long after, int limit, Guid? grant, DateTimeOffset? from)
    {
        var events = $"{store.Options.Events.DatabaseSchemaName}.mt_events";
        var command = new NpgsqlCommand(
            $"""
            select d.seq_id, d.stream_id, d.data::text, e.data::text
            from (
                select seq_id, stream_id, data from {events}
                where seq_id > $1 and type = any($2) {(grant is null ? "" : "and stream_id = $5")} {(
                from is null ? "" : $"and timestamp >= ${(grant is null ? 5 : 6)}"
            )}
                order by seq_id limit $3) d
            left join lateral (
                select data from {events} e
                where e.stream_id = d.stream_id and e.type = $4 and e.data ->> 'evaluationId' = d.data ->> 'evaluationId'
                order by e.version limit 1) e on true
            order by d.seq_id
            """
        );
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = DecisionEvents.Names });
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(new() { Value = EventNames.All[typeof(EvaluationStarted)] });
        if (grant is { } id)
        {
            command.Parameters.Add(new() { Value = id });
        }

        if (from is { } time)
        {
            command.Parameters.Add(new() { Value = time.ToUniversalTime() });
        }

        return command;
    }

    private static RecordedDecision View(long sequence, Guid grant, string recorded, string? started)
    {
        var @event = Parse(recorded);
        var decision = @event.GetProperty("decision");
        var evaluation = started is null ? null : JsonSerializer.Deserialize<EvaluationStarted>(started, WireJson.Options);
        return new RecordedDecision
        {
            Sequence = sequence,
            GrantId = grant,
            EvaluationId = @event.GetProperty("evaluationId").GetGuid(),
            Purpose = decision.TryGetProperty("purpose", out var purpose) ? purpose.GetString()! : "issue",
            Now = evaluation?.Now,
            Bundle = evaluation?.Bundle,
            Facts = evaluation?.Facts,
            FactsDigest = evaluation?.FactsDigest,
            Decision = decision,
            At = @event.GetProperty("at").GetDateTimeOffset(),
        };
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
