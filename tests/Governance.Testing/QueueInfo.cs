using System.Text.Json;
using System.Text.Json.Serialization;

namespace Governance.Testing;

/// <summary>A queue as the broker's management API shows it; counts lag by up to half a second.</summary>
public sealed record QueueInfo
{
    /// <summary>The queue's name.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary><c>quorum</c>, <c>stream</c> or <c>classic</c>.</summary>
    [JsonPropertyName("type")]
    public string Type { get; init; } = "classic";

    /// <summary>Whether the queue survives a restart of the broker.</summary>
    [JsonPropertyName("durable")]
    public bool Durable { get; init; }

    /// <summary>Ready and unacknowledged messages together.</summary>
    [JsonPropertyName("messages")]
    public long Messages { get; init; }

    /// <summary>Messages that wait for a consumer.</summary>
    [JsonPropertyName("messages_ready")]
    public long Ready { get; init; }

    /// <summary>Messages that a consumer holds.</summary>
    [JsonPropertyName("messages_unacknowledged")]
    public long Unacknowledged { get; init; }

    /// <summary>The arguments the queue was declared with.</summary>
    [JsonPropertyName("arguments")]
    public IReadOnlyDictionary<string, JsonElement> Arguments { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
}
