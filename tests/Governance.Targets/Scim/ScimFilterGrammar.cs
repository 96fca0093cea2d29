using System.Text.Json;
using System.Text.RegularExpressions;

namespace Governance.Targets.Scim;

/// <summary>As much of RFC 7644's grammar of filters as peers of service providers use: <c>attribute eq "value"</c>, joined by <c>and</c>.</summary>
internal static partial class ScimFilterGrammar
{
    /// <exception cref="FormatException">The filter does not follow the grammar.</exception>
    public static IReadOnlyList<(string Attribute, string Value)> Parse(string filter)
    {
        List<(string, string)> terms = [];
        var rest = filter;
        while (true)
        {
            var term = Term().Match(rest);
            if (!term.Success)
            {
                throw new FormatException("Not a filter.");
            }

            terms.Add((term.Groups["attribute"].Value, StringOf(term.Groups["value"].Value)));
            rest = rest[term.Length..];
            if (rest.Length == 0)
            {
                return terms;
            }

            var and = And().Match(rest);
            if (!and.Success)
            {
                throw new FormatException("Not a filter.");
            }

            rest = rest[and.Length..];
        }
    }

    // A compValue is a JSON string: RFC 8259 decides what may stand in it unescaped.
    private static string StringOf(string literal)
    {
        try
        {
            return JsonSerializer.Deserialize<string>(literal)!;
        }
        catch (JsonException e)
        {
            throw new FormatException("Not a JSON string.", e);
        }
    }

    [GeneratedRegex(
        """^(?<attribute>[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)?) [eE][qQ] (?<value>"([^"\\]|\\.)*")""",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline,
        1000
    )]
    private static partial Regex Term();

    [GeneratedRegex("^ [aA][nN][dD] ", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex And();
}
