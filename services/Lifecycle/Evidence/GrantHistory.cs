using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;

namespace Governance.Lifecycle.Evidence;

/// <summary>A grant's history as it is stored: the evidence.</summary>
public sealed class GrantHistory(IDocumentStore store)
{
    public async Task<IReadOnlyList<HistoryEntry>?> ReadAsync(Guid grantId, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        var events = await session.Events.FetchStreamAsync(grantId, token: cancellationToken);
        return events.Count == 0
            ? null
            :
            [
                .. events.Select(e => new HistoryEntry
                {
                    Sequence = e.Sequence,
                    Version = e.Version,
                    Type = e.EventTypeName,
                    At = e.Timestamp,
                    Actor = Actor(e.Headers),
                    Cause = e.CausationId,
                    Data = JsonSerializer.SerializeToNode(e.Data, e.EventType, WireJson.Options)!,
                }),
            ];
    }

    private static JsonNode? Actor(Dictionary<string, object>? headers) =>
        headers?.GetValueOrDefault("actor")?.ToString() is { } actor ? JsonNode.Parse(actor) : null;
}

public sealed record HistoryEntry
{
    /// <summary>Place in the whole store.</summary>
    public required long Sequence { get; init; }

    /// <summary>Place in the grant's stream.</summary>
    public required long Version { get; init; }

    public required string Type { get; init; }
    public required DateTimeOffset At { get; init; }
    public JsonNode? Actor { get; init; }

    /// <summary>Id of the message that caused it.</summary>
    public string? Cause { get; init; }

    public required JsonNode Data { get; init; }
}
