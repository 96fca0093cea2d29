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

/// <summary>A user; nothing but the name is read.</summary>
internal sealed record UserRow
{
    public required string Name { get; init; }
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
