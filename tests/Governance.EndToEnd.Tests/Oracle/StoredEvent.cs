using System.Text.Json;
using Governance.EndToEnd.Tests.Running;
using Governance.Lifecycle.Evidence;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Principals;
using Npgsql;

namespace Governance.EndToEnd.Tests.Oracle;

/// <summary>An event as it is stored.</summary>
internal sealed record StoredEvent(
    long Sequence,
    Guid Id,
    Guid Stream,
    long Version,
    string Type,
    DateTimeOffset At,
    string Json,
    object Data
);

/// <summary>All that Lifecycle stored: events, streams, and the snapshots beside them. Read with plain SQL, past the store's own code.</summary>
internal sealed class StoredHistory
{
    private static readonly Dictionary<string, Type> Types = EventNames.All.ToDictionary(n => n.Value, n => n.Key, StringComparer.Ordinal);

    public required IReadOnlyList<StoredEvent> Events { get; init; }

    public required IReadOnlyDictionary<Guid, JsonElement> Grants { get; init; }

    public required IReadOnlyDictionary<Guid, JsonElement> Ledgers { get; init; }

    public ILookup<Guid, StoredEvent> Streams => field ??= Events.ToLookup(e => e.Stream);

    public IReadOnlyDictionary<Guid, GrantStory> Stories =>
        field ??= Events
            .Where(e => e.Data is GrantRequested)
            .GroupBy(e => e.Stream)
            .ToDictionary(g => g.Key, g => new GrantStory(g.Key, [.. Streams[g.Key]]));

    public static async Task<StoredHistory> ReadAsync(Suite suite)
    {
        await using var connection = await TargetCluster.OpenAsync(suite.Database("lifecycle"));
        return new StoredHistory
        {
            Events = await EventsAsync(connection),
            Grants = await DocumentsAsync(connection, "mt_doc_grant"),
            Ledgers = await DocumentsAsync(connection, "mt_doc_principalledger"),
        };
    }

    public string Timeline(Guid stream) =>
        string.Join(
            '\n',
            Streams[stream]
                .Select(e =>
                    $"    {e.Sequence, 7} v{e.Version, -3} {Moments.ToWire(e.At)} {e.Type} {(e.Json.Length > 300 ? e.Json[..300] + "…" : e.Json)}"
                )
        );

    private static async Task<IReadOnlyList<StoredEvent>> EventsAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            "select seq_id, id, stream_id, version, type, timestamp, data::text from lifecycle.mt_events where type <> 'tombstone' order by seq_id",
            connection
        );
        await using var reader = await command.ExecuteReaderAsync();
        var events = new List<StoredEvent>();
        while (await reader.ReadAsync())
        {
            var (type, json) = (reader.GetString(4), reader.GetString(6));
            events.Add(
                new StoredEvent(
                    reader.GetInt64(0),
                    reader.GetGuid(1),
                    reader.GetGuid(2),
                    reader.GetInt64(3),
                    type,
                    await reader.GetFieldValueAsync<DateTimeOffset>(5),
                    json,
                    JsonSerializer.Deserialize(json, Types[type], WireJson.Options)!
                )
            );
        }

        return events;
    }

    private static async Task<IReadOnlyDictionary<Guid, JsonElement>> DocumentsAsync(NpgsqlConnection connection, string table)
    {
        await using var command = new NpgsqlCommand($"select id, data::text from lifecycle.{table}", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var documents = new Dictionary<Guid, JsonElement>();
        while (await reader.ReadAsync())
        {
            documents[reader.GetGuid(0)] = JsonDocument.Parse(reader.GetString(1)).RootElement;
        }

        return documents;
    }
}

/// <summary>A grant as its events tell it.</summary>
internal sealed class GrantStory(Guid id, IReadOnlyList<StoredEvent> events)
{
    public Guid Id => id;

    public IReadOnlyList<StoredEvent> Events => events;

    public GrantRequested Requested => First<GrantRequested>()!;

    public ActivationStarted? Started => First<ActivationStarted>();

    public GrantActivated? Activated => First<GrantActivated>();

    /// <summary>The latest end that it was given; null before it was active.</summary>
    public DateTimeOffset? ExpiresAt =>
        events
            .Select(e =>
                e.Data switch
                {
                    GrantActivated activated => activated.ExpiresAt,
                    GrantRenewed renewed => renewed.ExpiresAt,
                    GrantResumed resumed => resumed.ExpiresAt,
                    _ => (DateTimeOffset?)null,
                }
            )
            .LastOrDefault(at => at is not null);

    public RevocationStarted? Revoking => First<RevocationStarted>();

    public GrantEnded? Ended => First<GrantEnded>();

    public Grant Fold()
    {
        var grant = new Grant { Id = id };
        foreach (var e in events)
        {
            EventFold.Apply(grant, e.Data);
        }

        return grant;
    }

    public static PrincipalLedger FoldLedger(Guid id, IEnumerable<StoredEvent> events)
    {
        var ledger = new PrincipalLedger { Id = id };
        foreach (var e in events)
        {
            EventFold.Apply(ledger, e.Data);
        }

        return ledger;
    }

    private T? First<T>()
        where T : class => events.Select(e => e.Data).OfType<T>().FirstOrDefault();
}
