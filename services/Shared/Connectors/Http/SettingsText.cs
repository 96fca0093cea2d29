using System.Data.Common;

namespace Governance.Connectors.Http;

/// <summary>A connection string, <c>Key=Value;…</c>, read strictly. What is wrong is said without a value, since that may be a secret.</summary>
internal sealed class SettingsText
{
    private readonly DbConnectionStringBuilder _values = [];
    private readonly HashSet<string> _asked = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _errors = [];

    public SettingsText(ConnectorSettings settings)
    {
        try
        {
            _values.ConnectionString = settings.ConnectionString;
        }
        catch (ArgumentException)
        {
            IsReadable = false;
            _errors.Add("is not a list of Key=Value; (the value is not shown, since it may hold a secret)");
        }
    }

    public bool IsReadable { get; } = true;

    /// <summary>Reads the settings of one kind.</summary>
    /// <exception cref="ArgumentException">Something is wrong with them.</exception>
    public static T Read<T>(ConnectorSettings settings, Func<SettingsText, T> read)
    {
        var text = new SettingsText(settings);
        var value = read(text);
        var errors = text.Errors();
        return errors.Count == 0
            ? value
            : throw new ArgumentException(
                $"The connection string of target '{settings.Target}' {string.Join("; ", errors)}.",
                nameof(settings)
            );
    }

    /// <summary>What is wrong with the settings of one kind.</summary>
    public static IReadOnlyList<string> Validate<T>(ConnectorSettings settings, Func<SettingsText, T> read)
    {
        var text = new SettingsText(settings);
        read(text);
        return text.Errors();
    }

    public void Say(string error) => _errors.Add(error);

    public string? Text(string key)
    {
        _asked.Add(key);
        return _values.TryGetValue(key, out var value) && value is string { Length: > 0 } text ? text : null;
    }

    public string Required(string key)
    {
        var text = Text(key);
        if (text is null && IsReadable)
        {
            Say("lacks " + key);
        }

        return text ?? "";
    }

    public T OneOf<T>(string key, params (string Word, T Value)[] choices)
    {
        if (Text(key) is not { } text)
        {
            return choices[0].Value;
        }

        foreach (var (word, value) in choices)
        {
            if (string.Equals(word, text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        Say($"has a {key} that is not one of: {string.Join(", ", choices.Select(c => c.Word))}");
        return choices[0].Value;
    }

    public bool Flag(string key, bool otherwise) =>
        OneOf(key, (otherwise ? "true" : "false", otherwise), (otherwise ? "false" : "true", !otherwise));

    /// <summary>An address: https, or http where <c>AllowHttp=true</c> says so.</summary>
    public Uri? Address(string key, bool required, bool query = false)
    {
        var allowHttp = Flag("AllowHttp", otherwise: false);
        if ((required ? Required(key) : Text(key)) is not { Length: > 0 } text)
        {
            return null;
        }

        if (
            !Uri.TryCreate(text, UriKind.Absolute, out var address)
            || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp)
            || address.UserInfo.Length > 0
            || address.Fragment.Length > 0
            || (address.Query.Length > 0 && !query)
        )
        {
            Say($"has a {key} that is not a web address, or one with a user, a fragment or a query");
            return null;
        }

        if (address.Scheme != Uri.UriSchemeHttps && !allowHttp)
        {
            Say($"has a {key} without https, which only AllowHttp=true permits (for Development)");
        }

        return address;
    }

    /// <summary>An address that paths are added to: with a slash at the end.</summary>
    public Uri? Base(string key) =>
        Address(key, required: true) switch
        {
            null => null,
            { AbsolutePath: [.., '/'] } address => address,
            { } address => new Uri(address.AbsoluteUri + "/"),
        };

    /// <summary>What is wrong, with the keys that nobody asked for.</summary>
    public IReadOnlyList<string> Errors() =>
        [
            .. _errors.Distinct(StringComparer.Ordinal),
            .. _values
                .Keys.Cast<string>()
                .Where(key => !_asked.Contains(key))
                .Order(StringComparer.Ordinal)
                .Select(key => $"has an unknown key '{key}'"),
        ];
}
