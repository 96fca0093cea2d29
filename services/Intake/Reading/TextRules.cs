using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Governance.Intake.Reading;

/// <summary>What texts may hold.</summary>
internal static partial class TextRules
{
    public static string? Read(JsonElement value, string path, FaultList faults, int maxLength, bool multiline)
    {
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

        if (Fault(text, maxLength, multiline) is { } fault)
        {
            faults.Add(path, fault.Code, fault.Remedy);
            return null;
        }

        return text;
    }

    /// <summary>What is wrong with a text that is to be at least one visible character; null when nothing.</summary>
    public static (string Code, string Remedy)? Fault(string text, int maxLength, bool multiline = false)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return ("empty", "Give this member a value that is not blank.");
        }

        // JSON Schema counts characters, not UTF-16 code units.
        if (text.Length > maxLength && text.Count(c => !char.IsLowSurrogate(c)) > maxLength)
        {
            return ("too-long", string.Create(CultureInfo.InvariantCulture, $"Send at most {maxLength} characters."));
        }

        return text.Any(c => Forbidden(c, multiline))
            ? (
                "control-character",
                multiline ? "Remove control characters other than tab and line ends." : "Remove control and formatting characters."
            )
            : null;
    }

    public static bool IsUriReference(string text) =>
        UriReference().IsMatch(text) && Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out _);

    public static bool IsWebAddress(string text) =>
        UriReference().IsMatch(text)
        && Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "https" or "http"
        && uri.Host.Length > 0;

    private static bool Forbidden(char c, bool multiline) =>
        multiline
            ? char.IsControl(c) && c is not ('\t' or '\n' or '\r')
            : char.GetUnicodeCategory(c)
                is UnicodeCategory.Control
                    or UnicodeCategory.Format
                    or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator;

    [GeneratedRegex(
        @"\A(?:[A-Za-z][A-Za-z0-9+.\-]*:|(?![^/?#]*:))(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=\[\]]|%[0-9A-Fa-f]{2})*(?:#(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)?\z",
        RegexOptions.CultureInvariant,
        RegexTimeout.Milliseconds
    )]
    private static partial Regex UriReference();
}
