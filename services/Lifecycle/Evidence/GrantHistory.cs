using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Grants;
using Marten;

namespace Governance.Lifecycle.Evidence;

/// <summary>A grant's history as it is stored: the evidence, and beside it the names of whom its opaque ids mean today.</summary>
public sealed class GrantHistory(IDocumentStore store, Catalogs catalogs, AtTheTarget target)
{
    public async Task<GrantEvidence?> ReadAsync(Guid grantId, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        var events = await session.Events.FetchStreamAsync(grantId, token: cancellationToken);
        if (events.Count == 0)
        {
            return null;
        }

        var entries = events
            .Select(e => new HistoryEntry
            {
                Sequence = e.Sequence,
                Version = e.Version,
                Type = e.EventTypeName,
                At = e.Timestamp,
                Actor = Actor(e.Headers),
                Cause = e.CausationId,
                Data = JsonSerializer.SerializeToNode(e.Data, e.EventType, WireJson.Options)!,
            })
            .ToList();
        var grant = await session.LoadAsync<Grant>(grantId, cancellationToken);
        var related = grant is null
            ? []
            : await target.OfAsync(
                session,
                grant,
                entries[0].Sequence,
                GrantState.Final.Contains(grant.CurrentState, StringComparer.Ordinal) ? entries[^1].At : null,
                cancellationToken
            );
        var names = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (await catalogs.InForceAsync(session, cancellationToken) is { } catalog)
        {
            foreach (var entry in entries.Concat(related))
            {
                AddNames(entry.Actor, catalog, names);
                AddNames(entry.Data, catalog, names);
            }
        }

        return new GrantEvidence(entries, names) { Related = related.Count == 0 ? null : related };
    }

    private static void AddNames(JsonNode? node, LoadedCatalog catalog, SortedDictionary<string, string> names)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (_, member) in members)
                {
                    AddNames(member, catalog, names);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    AddNames(item, catalog, names);
                }

                break;
            case JsonValue value when value.TryGetValue<string>(out var text):
                if (catalog.NameOf(text) is var name && name != text)
                {
                    names[text] = name;
                }
                else if (text.StartsWith('{'))
                {
                    // Canonical texts, such as the facts, are stored as they were hashed.
                    AddNames(Parse(text), catalog, names);
                }

                break;
        }
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null; // It only looked like one.
        }
    }

    private static JsonNode? Actor(Dictionary<string, object>? headers) =>
        headers?.GetValueOrDefault("actor")?.ToString() is { } actor ? JsonNode.Parse(actor) : null;
}

/// <param name="Events">Every event of the grant, in order.</param>
/// <param name="Names">By opaque id, as the catalog in force has it; who is no longer in it has none.</param>
public sealed record GrantEvidence(IReadOnlyList<HistoryEntry> Events, IReadOnlyDictionary<string, string> Names)
{
    /// <summary>
    /// What other streams have about its access: what the target was seen to have (also when somebody took it away there), and operators' orders
    /// to try at once or to accept the target. In the order of the store; the last 500 of them, and null for none.
    /// </summary>
    public IReadOnlyList<HistoryEntry>? Related { get; init; }
}

public sealed record HistoryEntry
{
    /// <summary>Place in the whole store.</summary>
    public required long Sequence { get; init; }

    /// <summary>Place in the grant's stream, or in that which is named.</summary>
    public required long Version { get; init; }

    /// <summary><c>ledger</c> for the principal's, <c>target</c> for the target's; null for the grant's own.</summary>
    public string? Stream { get; init; }

    public required string Type { get; init; }
    public required DateTimeOffset At { get; init; }
    public JsonNode? Actor { get; init; }

    /// <summary>Id of the message that caused it.</summary>
    public string? Cause { get; init; }

    public required JsonNode Data { get; init; }
}
