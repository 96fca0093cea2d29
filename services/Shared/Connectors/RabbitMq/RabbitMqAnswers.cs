using System.Text.Json;
using System.Text.Json.Serialization;

namespace Governance.Connectors.RabbitMq;

/// <summary>A user's permission on a virtual host.</summary>
internal sealed record PermissionRow
{
    public required string User { get; init; }

    [JsonPropertyName("vhost")]
    public required string VirtualHost { get; init; }

    public required string Configure { get; init; }

    public required string Write { get; init; }

    public required string Read { get; init; }

    [JsonIgnore]
    public RabbitMqPrivilege Privilege => RabbitMqPrivilege.Of(VirtualHost, Configure, Write, Read);
}

/// <summary>What a user may do at a topic exchange, by routing key, of what its permission says.</summary>
internal sealed record TopicRow
{
    public required string User { get; init; }

    [JsonPropertyName("vhost")]
    public required string VirtualHost { get; init; }

    public required string Exchange { get; init; }

    public required string Write { get; init; }

    public required string Read { get; init; }

    public override string ToString() => $"at the exchange '{Exchange}' only routing keys that match write '{Write}', read '{Read}'";
}

/// <summary>A user or the cluster, of which nothing but the name is read.</summary>
internal sealed record NameRow
{
    public required string Name { get; init; }
}

/// <summary>Who asks.</summary>
internal sealed record SelfRow
{
    /// <summary>A list, or in older brokers a text with commas.</summary>
    public required JsonElement Tags { get; init; }

    [JsonIgnore]
    public bool IsAdministrator =>
        Tags switch
        {
            { ValueKind: JsonValueKind.Array } list => list.EnumerateArray()
                .Any(tag => tag.ValueKind == JsonValueKind.String && tag.ValueEquals("administrator")),
            { ValueKind: JsonValueKind.String } text => text.GetString()!
                .Split(',', StringSplitOptions.TrimEntries)
                .Contains("administrator"),
            _ => false,
        };
}

/// <summary>An open connection.</summary>
internal sealed record ConnectionRow
{
    public required string Name { get; init; }

    public required string User { get; init; }

    [JsonPropertyName("vhost")]
    public required string VirtualHost { get; init; }
}

/// <summary>What the API says when it does not do it.</summary>
internal sealed record ProblemRow
{
    /// <summary>A text, or a term of Erlang's.</summary>
    public required JsonElement Reason { get; init; }

    /// <summary>The text, or what heads the term.</summary>
    [JsonIgnore]
    public string? Kind =>
        Reason switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            { ValueKind: JsonValueKind.Array } term
                when term.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.String } head => head.GetString(),
            _ => null,
        };
}
