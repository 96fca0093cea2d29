using System.Globalization;
using System.Text.Json;

namespace Governance.Cli.Replay;

/// <summary>A member in which two documents differ.</summary>
/// <param name="Member">Its path, for example <c>policies[0].id</c>.</param>
/// <param name="Recorded">As it was recorded.</param>
/// <param name="Now">As it is made now.</param>
internal sealed record JsonDifference(string Member, string Recorded, string Now)
{
    private const string Absent = "absent";

    /// <summary>Every difference, in the order of the members.</summary>
    public static IEnumerable<JsonDifference> Between(JsonElement recorded, JsonElement now) => Compare("", recorded, now);

    private static IEnumerable<JsonDifference> Compare(string path, JsonElement? recorded, JsonElement? now) =>
        (recorded, now) switch
        {
            ({ ValueKind: JsonValueKind.Object } a, { ValueKind: JsonValueKind.Object } b) => Members(a, b)
                .SelectMany(name => Compare(path.Length == 0 ? name : $"{path}.{name}", Child(a, name), Child(b, name))),
            ({ ValueKind: JsonValueKind.Array } a, { ValueKind: JsonValueKind.Array } b) => Enumerable
                .Range(0, Math.Max(a.GetArrayLength(), b.GetArrayLength()))
                .SelectMany(i => Compare(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), Item(a, i), Item(b, i))),
            _ when Text(recorded) == Text(now) => [],
            _ => [new JsonDifference(path, Text(recorded), Text(now))],
        };

    private static IEnumerable<string> Members(JsonElement a, JsonElement b) =>
        a.EnumerateObject()
            .Concat(b.EnumerateObject())
            .Select(member => member.Name)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);

    private static JsonElement? Child(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value : null;

    private static JsonElement? Item(JsonElement element, int index) => index < element.GetArrayLength() ? element[index] : null;

    private static string Text(JsonElement? element) => element is { } value ? CanonicalJson.Canonicalize(value) : Absent;
}
