using System.Text.Json.Serialization;

namespace Governance.Testing;

/// <summary>A user as the broker's management API shows it.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="PasswordHash">Salt and hash, in base64; empty when no password opens it.</param>
/// <param name="Tags">What it may do beside messaging.</param>
public sealed record UserInfo(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("password_hash")] string PasswordHash,
    [property: JsonPropertyName("tags")] IReadOnlyList<string> Tags
);
