using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Principals;
using Governance.Lifecycle.Targets;
using Marten;
using Npgsql;

namespace Governance.Lifecycle.Evidence;

/// <summary>What happened to a grant's access at its target, and what was ordered about it, as other streams than the grant's have it.</summary>
public sealed class AtTheTarget(IDocumentStore store)
{
    private const int MaxEntries = 500;
    private static readonly string Confirmed = EventNames.All[typeof(HoldingConfirmed)];
    private static readonly string Retried = EventNames.All[typeof(RetryOrdered)];
    private static readonly string Accepted = EventNames.All[typeof(TargetAccepted)];

    // Members of a confirmation that say what is there.
    private static readonly string[] Told = ["direct", "effective", "paths", "narrowed", "until"];

    private string Events => $"{store.Options.Events.DatabaseSchemaName}.mt_events";

    /// <summary>What the target was seen to have, where it differs from what was seen before, and operators' orders; in the order of the store.</summary>
    /// <param name="session">Reads.</param>
    /// <param name="grant">The grant.</param>
    /// <param name="first">The first event of its stream.</param>
    /// <param name="last">When the last one was stored, where it is over; null where it isn't.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task<IReadOnlyList<HistoryEntry>> OfAsync(
        IQuerySession session,
        Grant grant,
        long first,
        DateTimeOffset? last,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            $"""
            select seq_id, version, type, timestamp, headers ->> 'actor', causation_id, data::text from {Events}
            where seq_id > $1 and ($2::timestamptz is null or timestamp <= $2) and (
                (stream_id = $3 and type = $4 and data ->> 'entitlement' = $5)
                or (stream_id = $6 and ((type = $7 and coalesce(data ->> 'grant', $8) = $8) or type = $9)))
            order by seq_id
            """
        );
        command.Parameters.Add(new() { Value = first });
        command.Parameters.Add(
            new() { Value = (object?)last?.ToUniversalTime() ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz }
        );
        command.Parameters.Add(new() { Value = NameBasedUuid.ForPrincipal(grant.Principal) });
        command.Parameters.Add(new() { Value = Confirmed });
        command.Parameters.Add(new() { Value = grant.Entitlement });
        command.Parameters.Add(new() { Value = TargetOrders.StreamOf(TargetOrders.TargetOf(grant)) });
        command.Parameters.Add(new() { Value = Retried });
        command.Parameters.Add(new() { Value = grant.Id.ToString() });
        command.Parameters.Add(new() { Value = Accepted });
        var found = new List<HistoryEntry>();
        var seen = "";
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (type, data) = (reader.GetString(2), JsonNode.Parse(reader.GetString(6))!);
            // The target is read again and again: only what is another than before is worth reading.
            if (type == Confirmed && What(data) is var what)
            {
                if (what == seen)
                {
                    continue;
                }

                seen = what;
            }

            found.Add(
                new HistoryEntry
                {
                    Sequence = reader.GetInt64(0),
                    Version = reader.GetInt64(1),
                    Type = type,
                    Stream = type == Confirmed ? "ledger" : "target",
                    At = await reader.GetFieldValueAsync<DateTimeOffset>(3, cancellationToken),
                    Actor = await reader.IsDBNullAsync(4, cancellationToken) ? null : JsonNode.Parse(reader.GetString(4)),
                    Cause = await reader.IsDBNullAsync(5, cancellationToken) ? null : reader.GetString(5),
                    Data = data,
                }
            );
        }

        return found.Count > MaxEntries ? found[^MaxEntries..] : found;
    }

    /// <summary>The last order to try at once, of each of the grants that there is one for.</summary>
    internal async Task<IReadOnlyDictionary<Guid, RetryOrdered>> RetriesOfAsync(
        IQuerySession session,
        IReadOnlyList<Grant> grants,
        CancellationToken cancellationToken
    )
    {
        var last = new Dictionary<Guid, RetryOrdered>();
        if (grants.Count == 0)
        {
            return last;
        }

        // By the targets' streams, which hold operators' orders and nothing else.
        await using var command = new NpgsqlCommand(
            $"select data::text from {Events} where stream_id = any($1) and type = $2 and data ->> 'at' >= $3 order by seq_id"
        );
        command.Parameters.Add(new() { Value = grants.Select(g => TargetOrders.StreamOf(TargetOrders.TargetOf(g))).Distinct().ToArray() });
        command.Parameters.Add(new() { Value = Retried });
        command.Parameters.Add(new() { Value = Moments.ToWire(grants.Min(g => g.RequestedAt)) });
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var order = JsonSerializer.Deserialize<RetryOrdered>(reader.GetString(0), WireJson.Options)!;
            foreach (var grant in grants.Where(g => Concerns(order, g)))
            {
                last[grant.Id] = order;
            }
        }

        return last;
    }

    private static bool Concerns(RetryOrdered order, Grant grant) =>
        (order.Grant is null ? order.Target == TargetOrders.TargetOf(grant) : order.Grant == grant.Id)
        && order.At >= grant.RequestedAt
        && !(order.At > grant.EndedAt);

    private static string What(JsonNode confirmed) =>
        new JsonArray([.. Told.Select(member => confirmed[member]?.DeepClone())]).ToJsonString();
}
