using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Governance.Reading;

/// <summary>What texts may hold.</summary>
public static partial class TextRules
{
    /// <summary>A text that keeps the rules; null, and a fault, when it doesn't.</summary>
    /// <param name="value">The JSON value.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="faults">Takes what is wrong.</param>
    /// <param name="maxLength">The most characters.</param>
    /// <param name="kind">What it is for.</param>
    public static string? Read(JsonElement value, string path, FaultList faults, int maxLength, TextKind kind)
    {
        ArgumentNullException.ThrowIfNull(faults);
        if (value.ValueKind != JsonValueKind.String)
        {
            faults.Add(path, "wrong-type", "Send a string.");
            return null;
        }

        string text;
        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            faults.Add(path, "not-text", "Send whole Unicode characters; this string has half of a surrogate pair.");
            return null;
        }

        if (Fault(text, maxLength, kind) is { } fault)
        {
            faults.Add(path, fault.Code, fault.Remedy);
            return null;
        }

        return text;
    }

    /// <summary>What is wrong with a text that is to be at least one visible character; null when nothing.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxLength">The most characters.</param>
    /// <param name="kind">What it is for.</param>
    public static (string Code, string Remedy)? Fault(string text, int maxLength, TextKind kind = TextKind.Name)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (string.IsNullOrWhiteSpace(text))
        {
            return ("empty", "Give this member a value that is not blank.");
        }

        // JSON Schema counts characters, not UTF-16 code units.
        if (text.Length > maxLength && text.Count(c => !char.IsLowSurrogate(c)) > maxLength)
        {
            return ("too-long", string.Create(CultureInfo.InvariantCulture, $"Send at most {maxLength} characters."));
        }

        if (kind == TextKind.Name && (text[0] == ' ' || text[^1] == ' '))
        {
            return ("surrounding-space", "Remove the spaces before and after it.");
        }

        return Forbidden(text, kind) is { } where
            ? (
                "control-character",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Remove {where.Name} at character {where.At + 1}: {(kind == TextKind.Free ? "of control characters, only tab and line ends are taken." : "characters that don't show, or change how others show, are not taken here.")}"
                )
            )
            : null;
    }

    /// <summary>Somebody's name as an answer may repeat it: with what does not show, or changes how the rest shows, written out.</summary>
    public static string Shown(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var shown = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (InvisibleCharacters.Contains(rune.Value))
            {
                shown.Append(CultureInfo.InvariantCulture, $"<U+{rune.Value:X4}>");
            }
            else
            {
                shown.Append(rune);
            }
        }

        return shown.ToString();
    }

    /// <summary>A text that came without JSON, whose rules are a name's: as it is, or null when it breaks them.</summary>
    public static bool IsName(string text, int maxLength = Bounds.NameLength) => Fault(text, maxLength) is null;

    // In Unicode code points, not UTF-16 units: what does not show is mostly beyond the first 65536.
    private static (string Name, int At)? Forbidden(string text, TextKind kind)
    {
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsForbidden(rune.Value, kind))
            {
                return (string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}"), at);
            }

            at++;
        }

        return null;
    }

    private static bool IsForbidden(int codePoint, TextKind kind) =>
        kind switch
        {
            TextKind.Name => InvisibleCharacters.Contains(codePoint),
            // What was stored before names had this rule can still be asked for, and ended.
            TextKind.Reference => codePoint is < 0x20 or (>= 0x7F and < 0xA0),
            _ => codePoint is (< 0x20 and not ('\t' or '\n' or '\r')) or (>= 0x7F and < 0xA0),
        };

    /// <summary>Whether it is a URI reference as RFC 3986 has it.</summary>
    public static bool IsUriReference(string text) =>
        UriReference().IsMatch(text) && Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out _);

    /// <summary>Whether it is an address of the web.</summary>
    public static bool IsWebAddress(string text) =>
        UriReference().IsMatch(text)
        && Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "https" or "http"
        && uri.Host.Length > 0;

    [GeneratedRegex(
        @"\A(?:[A-Za-z][A-Za-z0-9+.\-]*:|(?![^/?#]*:))(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=\[\]]|%[0-9A-Fa-f]{2})*(?:#(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)?\z",
        RegexOptions.CultureInvariant,
        RegexTimeout.Milliseconds
    )]
    private static partial Regex UriReference();
}

/// <summary>What a text is for.</summary>
public enum TextKind
{
    /// <summary>A name or an id: one line of characters that show.</summary>
    Name,

    /// <summary>The name or the id of something that is there already, whatever rules there were when it came to be: no control characters.</summary>
    Reference,

    /// <summary>A person's words: no control characters but tab and line ends.</summary>
    Free,
}
