using System.Text;

namespace Governance.Connectors.RabbitMq;

/// <summary>A permission on a virtual host, with a name that says all of it and that no other permission has.</summary>
internal sealed record RabbitMqPrivilege(string VirtualHost, string Configure, string Write, string Read)
{
    private const string Nothing = "^$";
    private const int MaxBytes = 16384;

    public string Name
    {
        get
        {
            string[] expressions = [.. Expression("configure", Configure), .. Expression("write", Write), .. Expression("read", Read)];
            var virtualHost = Encode(VirtualHost, '?');
            return expressions.Length == 0 ? virtualHost : virtualHost + "?" + string.Join('&', expressions);
        }
    }

    /// <summary>The permission that a name says; null when it says none, or is written in another way than the one.</summary>
    public static RabbitMqPrivilege? Find(string name)
    {
        if (name.Length > MaxBytes || !RabbitMqNames.IsText(name, MaxBytes))
        {
            return null;
        }

        string[] parts = name.Split('?', 2);
        var expressions = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in parts.Length == 1 ? [] : parts[1].Split('&'))
        {
            string[] sides = pair.Split('=', 2);
            expressions[sides[0]] = sides.Length == 1 ? "" : Uri.UnescapeDataString(sides[1]);
        }

        var found = Of(
            Uri.UnescapeDataString(parts[0]),
            expressions.GetValueOrDefault("configure", Nothing),
            expressions.GetValueOrDefault("write", Nothing),
            expressions.GetValueOrDefault("read", Nothing)
        );
        return RabbitMqNames.CanBeAsked(found.VirtualHost) && string.Equals(found.Name, name, StringComparison.Ordinal) ? found : null;
    }

    public static RabbitMqPrivilege Of(string virtualHost, string configure, string write, string read) =>
        new(virtualHost, Plain(configure), Plain(write), Plain(read));

    /// <summary>Whether who has this may do something of what the other permits: not told for sure, since that takes comparing languages.</summary>
    public bool MayOverlap(RabbitMqPrivilege other) =>
        string.Equals(VirtualHost, other.VirtualHost, StringComparison.Ordinal)
        && (
            other is { Configure: Nothing, Write: Nothing, Read: Nothing }
            || (Configure != Nothing && other.Configure != Nothing)
            || (Write != Nothing && other.Write != Nothing)
            || (Read != Nothing && other.Read != Nothing)
        );

    // RabbitMQ takes both for the same.
    private static string Plain(string expression) => expression.Length == 0 ? Nothing : expression;

    private static IEnumerable<string> Expression(string operation, string expression) =>
        expression == Nothing ? [] : [operation + "=" + Encode(expression, '&')];

    private static string Encode(string text, char separator)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c == '%' || c == separator || c < ' ' || c == '\x7f')
            {
                encoded.Append(Uri.HexEscape(c));
            }
            else
            {
                encoded.Append(c);
            }
        }

        return encoded.ToString();
    }
}
