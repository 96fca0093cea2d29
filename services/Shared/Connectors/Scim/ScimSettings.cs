using Governance.Connectors.Http;

namespace Governance.Connectors.Scim;

/// <summary>How a member is taken out of a group.</summary>
internal enum ScimRemoval
{
    /// <summary>By a path with a filter, RFC 7644 §3.5.2.2.</summary>
    Path,

    /// <summary>By a value beside the path, as some peers want it instead.</summary>
    Value,
}

/// <summary>How one learns whether an account is a member.</summary>
internal enum ScimMembership
{
    /// <summary>From the group's members.</summary>
    Members,

    /// <summary>By a filter, at providers that don't return members.</summary>
    Filter,
}

internal sealed record ScimSettings
{
    public required Uri Url { get; init; }

    public required string Token { get; init; }

    public required bool Filter { get; init; }

    public required ScimMembership Membership { get; init; }

    public required ScimRemoval Removal { get; init; }

    public required bool CapitalOperations { get; init; }

    public required bool IfMatch { get; init; }

    public static IEnumerable<string> Validate(ConnectorSettings settings) => SettingsText.Validate(settings, Read);

    public static ScimSettings Of(ConnectorSettings settings) => SettingsText.Read(settings, Read);

    private static ScimSettings Read(SettingsText text)
    {
        var read = new ScimSettings
        {
            Url = text.Base("Url")!,
            Token = text.Required("Token"),
            Filter = text.Flag("Filter", otherwise: true),
            Membership = text.OneOf("Membership", ("members", ScimMembership.Members), ("filter", ScimMembership.Filter)),
            Removal = text.OneOf("Removal", ("path", ScimRemoval.Path), ("value", ScimRemoval.Value)),
            CapitalOperations = text.OneOf("Operations", ("lower", false), ("capitalised", true)),
            IfMatch = text.Flag("IfMatch", otherwise: true),
        };
        if (read.Token.Any(c => !char.IsAsciiLetterOrDigit(c) && !"-._~+/=".Contains(c, StringComparison.Ordinal)))
        {
            text.Say("has a Token that can't be one: RFC 6750 allows letters, digits and -._~+/=");
        }

        if (read is { Membership: ScimMembership.Filter, Filter: false })
        {
            text.Say("has Membership=filter with Filter=false");
        }

        return read;
    }
}
