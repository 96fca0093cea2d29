using System.Globalization;
using System.Reflection;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Governance.Catalog;

/// <summary>Says where a file that can't be read differs from what a catalog may hold, in the catalog's own words.</summary>
internal static class CatalogShape
{
    private static readonly string[] Truths = ["true", "false", "y", "n", "yes", "no", "on", "off"];

    /// <summary>What is wrong, with its place; nothing where the fault is none of members and values.</summary>
    public static IReadOnlyList<string> Faults(string name, string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (Exception e) when (e is YamlException or ArgumentException or InvalidOperationException)
        {
            return [];
        }

        return stream.Documents is [{ RootNode: var root }] ? [.. Of(name, root, typeof(CatalogFile), "")] : [];
    }

    private static IEnumerable<string> Of(string name, YamlNode node, Type type, string path) =>
        (Items(type), node) switch
        {
            // No value: what must have one is asked for by those who check what it means.
            (_, YamlScalarNode { Value: null or "" or "~" or "null", Style: ScalarStyle.Any or ScalarStyle.Plain })
                when !type.IsValueType => [],
            ({ } items, YamlSequenceNode list) => list.Children.SelectMany(
                (item, index) => Of(name, item, items, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"))
            ),
            ({ }, _) => [At(name, node, path, "takes a list")],
            (_, YamlMappingNode members) when type == typeof(Dictionary<string, string>) => members.Children.SelectMany(member =>
                Of(name, member.Value, typeof(string), $"{path}.{member.Key}")
            ),
            _ when type == typeof(Dictionary<string, string>) => [At(name, node, path, "takes names, each with a text")],
            (_, YamlScalarNode scalar) when type == typeof(string) || IsValue(scalar.Value ?? "", type) => [],
            _ when type == typeof(string) => [At(name, node, path, "takes a text")],
            _ when type == typeof(int) => [At(name, node, path, $"{Shown(node)} is no whole number; give one, for example 2")],
            _ when type == typeof(bool) => [At(name, node, path, $"{Shown(node)} is neither true nor false")],
            (_, YamlMappingNode members) => members.Children.SelectMany(member => OfMember(name, member.Key, member.Value, type, path)),
            _ => [At(name, node, path, $"takes members: {string.Join(", ", Members(type).Keys)}")],
        };

    private static IEnumerable<string> OfMember(string name, YamlNode key, YamlNode value, Type type, string path)
    {
        var members = Members(type);
        var called = (key as YamlScalarNode)?.Value ?? "";
        var member = path.Length == 0 ? called : $"{path}.{called}";
        return members.TryGetValue(called, out var property)
            ? Of(name, value, property.PropertyType, member)
            :
            [
                At(
                    name,
                    key,
                    member,
                    $"there is no such field; {(path.Length == 0 ? "a catalog" : "it")} has {string.Join(", ", members.Keys)}{Suggestions.For(called, members.Keys)}"
                ),
            ];
    }

    private static Dictionary<string, PropertyInfo> Members(Type type) =>
        type.GetProperties().ToDictionary(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name), StringComparer.Ordinal);

    private static Type? Items(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>) ? type.GetGenericArguments()[0] : null;

    // As the reader takes them, which knows more than decimal numbers.
    private static bool IsValue(string text, Type type) =>
        type == typeof(int) ? IsNumber(text) : type == typeof(bool) && Truths.Contains(text, StringComparer.OrdinalIgnoreCase);

    private static bool IsNumber(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
        || (
            text.TrimStart('-', '+') is ['0', 'x' or 'X' or 'b' or 'B', .. var digits]
                ? digits.All(c => char.IsAsciiHexDigit(c) || c == '_')
                : text.Any(c => c is '_' or ':') && text.All(c => char.IsAsciiDigit(c) || c is '_' or ':' or '-' or '+')
        );

    private static string Shown(YamlNode node) => node is YamlScalarNode { Value: var text } ? $"'{text}'" : "this";

    private static string At(string name, YamlNode node, string path, string fault) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{name}:{node.Start.Line}:{node.Start.Column}: {(path.Length == 0 ? "a catalog" : path)}: {fault}"
        );
}
