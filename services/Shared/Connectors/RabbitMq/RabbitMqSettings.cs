using Governance.Connectors.Http;

namespace Governance.Connectors.RabbitMq;

/// <summary><c>Url=https://…;Username=…;Password=…</c>, and <c>AccountPrefix</c> for accounts per grant.</summary>
internal sealed record RabbitMqSettings
{
    private const string DefaultPrefix = "governance";
    private const int MaxPrefix = 32;

    public required Uri Url { get; init; }

    public required string Username { get; init; }

    public required string Password { get; init; }

    public required string AccountPrefix { get; init; }

    /// <summary>Says that there is a user and nothing else.</summary>
    public override string ToString() => "the management API of a broker";

    public static IEnumerable<string> Validate(ConnectorSettings settings) => SettingsText.Validate(settings, Read);

    public static IEnumerable<string> ValidatePerGrant(ConnectorSettings settings) => SettingsText.Validate(settings, ReadPerGrant);

    public static RabbitMqSettings Of(ConnectorSettings settings) => SettingsText.Read(settings, Read);

    public static RabbitMqSettings OfPerGrant(ConnectorSettings settings) => SettingsText.Read(settings, ReadPerGrant);

    private static RabbitMqSettings Read(SettingsText text)
    {
        var read = new RabbitMqSettings
        {
            Url = text.Base("Url")!,
            Username = text.Required("Username"),
            Password = text.Required("Password"),
            AccountPrefix = DefaultPrefix,
        };
        if (read.Username.Contains(':', StringComparison.Ordinal))
        {
            text.Say("has a Username with a colon, which RFC 7617 does not allow");
        }

        return read;
    }

    private static RabbitMqSettings ReadPerGrant(SettingsText text)
    {
        var prefix = text.Text("AccountPrefix") ?? DefaultPrefix;
        if (prefix.Length > MaxPrefix || prefix.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-'))
        {
            text.Say("has an AccountPrefix that is not made of 1 to 32 lower-case letters, digits and hyphens");
        }

        return Read(text) with
        {
            AccountPrefix = prefix,
        };
    }
}
