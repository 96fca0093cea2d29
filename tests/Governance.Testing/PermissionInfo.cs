using System.Text.Json.Serialization;

namespace Governance.Testing;

/// <summary>What a user may do in a virtual host, as the broker's management API shows it: regular expressions over names.</summary>
/// <param name="User">The user's name.</param>
/// <param name="VirtualHost">The virtual host's name.</param>
/// <param name="Configure">What it may declare and delete.</param>
/// <param name="Write">What it may publish to.</param>
/// <param name="Read">What it may consume.</param>
public sealed record PermissionInfo(
    [property: JsonPropertyName("user")] string User,
    [property: JsonPropertyName("vhost")] string VirtualHost,
    [property: JsonPropertyName("configure")] string Configure,
    [property: JsonPropertyName("write")] string Write,
    [property: JsonPropertyName("read")] string Read
);
