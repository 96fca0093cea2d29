using System.Globalization;
using System.Text;

namespace Governance.Cedar;

/// <summary>The name of an entity: its type with namespace, and its id.</summary>
/// <param name="Type">For example <c>Governance::Human</c>.</param>
/// <param name="Id">Any text; compared exactly.</param>
public sealed record CedarUid(string Type, string Id)
{
    /// <summary>As Cedar writes it: <c>Governance::Human::"0a1b"</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Type).Append("::\"");
        foreach (var c in Id)
        {
            _ = c switch
            {
                '"' or '\\' => text.Append('\\').Append(c),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{{{(int)c:x}}}"),
                _ => text.Append(c),
            };
        }

        return text.Append('"').ToString();
    }
}
