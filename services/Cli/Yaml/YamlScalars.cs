using System.Globalization;
using System.Text.Json;
using YamlDotNet.RepresentationModel;

namespace Governance.Cli.Yaml;

/// <summary>The kinds of values in our YAML: the same forms as on the wire.</summary>
internal static class YamlScalars
{
    private delegate object? Reader(YamlScalarNode node);

    private static readonly Dictionary<Type, (Reader Read, string Expected)> Readers = new()
    {
        [typeof(string)] = (node => node.Value, "text"),
        [typeof(YamlText)] = (node => new YamlText(node.Value!, node.Start), "text"),
        [typeof(bool)] = (node => node.Value is "true" or "false" ? node.Value == "true" : null, "true or false"),
        [typeof(int)] = (
            node => int.TryParse(node.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null,
            "a whole number"
        ),
        [typeof(Guid)] = (node => Guid.TryParseExact(node.Value, "D", out var id) ? id : null, "a UUID"),
        [typeof(TimeSpan)] = (
            node => IsoDuration.TryParse(node.Value ?? "", out var duration) ? duration : null,
            "a duration such as PT4H or P7D"
        ),
        [typeof(DateTimeOffset)] = (node => Time(node.Value), "a time such as 2026-11-23T12:00:00Z"),
    };

    public static bool Reads(Type type) => type.IsEnum || Readers.ContainsKey(type);

    /// <summary>The value; null if it is none of the kind that was expected.</summary>
    public static object? Read(Type type, YamlScalarNode node, out string expected)
    {
        if (type.IsEnum)
        {
            var values = Enum.GetValues(type).Cast<object>().ToDictionary(NameOf, StringComparer.Ordinal);
            expected = "one of " + string.Join(", ", values.Keys);
            return values.GetValueOrDefault(node.Value ?? "");
        }

        (var read, expected) = Readers[type];
        return read(node);
    }

    /// <summary>As on the wire: <c>approval-required</c>.</summary>
    public static string NameOf(object value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()!);

    private static DateTimeOffset? Time(string? text) =>
        text is { Length: > 10 }
        && text[10] == 'T'
        && (text[^1] == 'Z' || text.LastIndexOfAny(['+', '-']) > 10)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? Moments.Truncate(time)
            : null;
}
