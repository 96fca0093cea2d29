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

    public static IEnumerable<string> Validate(ConnectorSettings settings) => Read(settings, perGrant: false).Errors;

    public static IEnumerable<string> ValidatePerGrant(ConnectorSettings settings) => Read(settings, perGrant: true).Errors;

    public static RabbitMqSettings Of(ConnectorSettings settings, bool perGrant)
    {
        var (read, errors) = Read(settings, perGrant);
        return errors.Count == 0
            ? read
            : throw new ArgumentException(
                $"The connection string of target '{settings.Target}' {string.Join("; ", errors)}.",
                nameof(settings)
            );
    }

    private static (RabbitMqSettings Settings, IReadOnlyList<string> Errors) Read(ConnectorSettings settings, bool perGrant)
    {
        var text = new SettingsText(settings);
        var url = text.Address("Url", required: true);
        var read = new RabbitMqSettings
        {
            Url = url is null || url.AbsolutePath.EndsWith('/') ? url! : new Uri(url.AbsoluteUri + "/"),
            Username = text.Required("Username"),
            Password = text.Required("Password"),
            AccountPrefix = perGrant ? text.Text("AccountPrefix") ?? DefaultPrefix : DefaultPrefix,
        };
        if (read.Username.Contains(':', StringComparison.Ordinal))
        {
            text.Say("has a Username with a colon, which RFC 7617 does not allow");
        }

        if (
            read.AccountPrefix.Length > MaxPrefix
            || read.AccountPrefix.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
        )
        {
            text.Say("has an AccountPrefix that is not made of 1 to 32 lower-case letters, digits and hyphens");
        }

        return (read, text.Errors());
    }
}
