using System.Globalization;
using System.Text;
using Governance.Reading;

namespace Governance.Cli;

/// <summary>Somebody else's text as a terminal may show it.</summary>
internal static class Shown
{
    // Without these emoji and some scripts are others; none of them hides or moves anything.
    private const int Joiner = 0x200D;
    private const int NonJoiner = 0x200C;

    /// <summary>With what doesn't show, or changes how the rest shows, written out: a terminal obeys it, and whoever reads is deceived.</summary>
    public static string Whole(string text)
    {
        var shown = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (
                rune.Value is '\n' or '\t' or Joiner or NonJoiner or (>= 0xFE00 and <= 0xFE0F)
                || Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator
                || !InvisibleCharacters.Contains(rune.Value)
            )
            {
                shown.Append(rune);
            }
            else
            {
                shown.Append(CultureInfo.InvariantCulture, $"<U+{rune.Value:X4}>");
            }
        }

        return shown.ToString();
    }
}
