using System.Text.RegularExpressions;

namespace Governance.Cedar.Bundles;

/// <summary>Something of the catalog that a policy names.</summary>
/// <param name="Type">Its type, for example <c>Governance::Entitlement</c>.</param>
/// <param name="Id">Its id there.</param>
/// <param name="Policy">The policy's <c>@id</c>; null where it has none.</param>
/// <param name="Line">Where, from 1.</param>
/// <param name="Column">From 1, in UTF-16 code units.</param>
public sealed record NamedInPolicy(string Type, string Id, string? Policy, int Line, int Column);

/// <summary>Finds what policies name, with its place: entities in scopes and conditions, groups and people in <c>@approval</c> and <c>@notify</c>.</summary>
public static partial class PolicyNames
{
    private const string Namespace = "Governance::";

    /// <summary>In the order of the file. The file is one that was accepted: what is no Cedar is not understood here.</summary>
    public static IReadOnlyList<NamedInPolicy> In(PolicyFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var text = PolicyFile.NormaliseLineEnds(file.Text);
        var names = new List<NamedInPolicy>();
        var waiting = new List<(string Type, string Id, int Index)>();
        string? policy = null;
        foreach (Match token in Token().Matches(text))
        {
            if (token.Groups["end"].Success)
            {
                names.AddRange(waiting.Select(name => At(text, name, policy)));
                waiting.Clear();
                policy = null;
            }
            else if (token.Groups["type"] is { Success: true } type)
            {
                waiting.Add((type.Value, Unescape(token.Groups["id"].Value), type.Index));
            }
            else if (token.Groups["annotation"] is { Success: true } annotation)
            {
                var value = token.Groups["value"];
                policy = annotation.Value == "id" ? value.Value : policy;
                waiting.AddRange(
                    annotation.Value is "approval" or "notify"
                        ? People()
                            .Matches(value.Value)
                            .Select(p => (TypeOf(p.Groups["kind"].Value), p.Groups["name"].Value, value.Index + p.Index))
                        : []
                );
            }
        }

        return names;
    }

    private static NamedInPolicy At(string text, (string Type, string Id, int Index) name, string? policy)
    {
        var before = text.AsSpan(0, name.Index);
        return new NamedInPolicy(name.Type, name.Id, policy, before.Count('\n') + 1, name.Index - before.LastIndexOf('\n'));
    }

    private static string TypeOf(string kind) => Namespace + (kind == "group" ? "Group" : "Human");

    private static string Unescape(string id) =>
        id.Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);

    // Comments and other texts are tokens, too, so that nothing is found in them.
    [GeneratedRegex(
        """
            //[^\n]*
            |@(?<annotation>[A-Za-z_]\w*)\s*\(\s*"(?<value>(?:[^"\\]|\\.)*)"
            |(?<type>[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*)::"(?<id>(?:[^"\\]|\\.)*)"
            |"(?:[^"\\]|\\.)*"
            |(?<end>;)
            """,
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace,
        RegexTimeout.Milliseconds
    )]
    private static partial Regex Token();

    [GeneratedRegex(
        "(?<kind>group|user):(?<name>[A-Za-z0-9._@-]+)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        RegexTimeout.Milliseconds
    )]
    private static partial Regex People();
}
