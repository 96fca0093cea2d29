using System.Text.Json;

namespace Governance.Connectors.Scim;

/// <summary>Whom a holding was given to, and by which group, by the ids that the provider has for them: names change, and are given to others.</summary>
/// <param name="At">The provider's base address, since an id may be somebody else's elsewhere.</param>
/// <param name="User">The user's id.</param>
/// <param name="Group">The group's id.</param>
internal sealed record ScimGiven(string At, string User, string Group)
{
    public static IReadOnlyList<ScimGiven> Read(string? remembered)
    {
        try
        {
            var given = remembered is null ? [] : JsonSerializer.Deserialize<List<ScimGiven?>>(remembered, ScimJson.Options);
            return given?.Contains(null) is false ? [.. given.OfType<ScimGiven>()] : throw Unreadable();
        }
        catch (JsonException)
        {
            throw Unreadable();
        }
    }

    /// <summary>With one more, unless it is there.</summary>
    public static string Write(IReadOnlyList<ScimGiven> given, ScimGiven more) =>
        JsonSerializer.Serialize(given.Contains(more) ? given : [.. given, more], ScimJson.Options);

    private static ConnectorException Unreadable() =>
        new(
            ConnectorErrors.Error,
            "What is remembered of this holding (issuance.holdings.remembered) is not what a SCIM target remembers, so nothing is concluded without it."
        );
}
