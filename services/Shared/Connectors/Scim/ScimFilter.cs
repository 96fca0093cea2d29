using Governance.Connectors.Http;

namespace Governance.Connectors.Scim;

/// <summary>Filters of RFC 7644 §3.4.2.2. A value is a JSON string there.</summary>
internal static class ScimFilter
{
    private const int MaxLength = 512;

    /// <summary>Whether a user or a group can have the name: whatever can't be written into a filter beyond doubt can't.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= MaxLength && !name.Any(char.IsControl) && WellFormed.IsText(name);

    /// <summary>Upper and lower case are the same in names (RFC 7643 §4.1.1).</summary>
    public static bool IsSame(string? name, string other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);

    public static string Equal(string attribute, string value)
    {
        if (!IsName(value))
        {
            throw new ConnectorException(ConnectorErrors.Error, "The target has an id that no filter can name.");
        }

        // Nothing but these two needs to be escaped without control characters, and few peers understand more.
        var escaped = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        return $"{attribute} eq \"{escaped}\"";
    }
}
