using System.Text.Unicode;
using Microsoft.AspNetCore.WebUtilities;

namespace Governance.ServiceDefaults.Http;

/// <summary>
/// How the values of a query are encoded. What can't be decoded would be taken as it stands, percent signs and all, and be another value than
/// was meant.
/// </summary>
internal static class QueryEncoding
{
    /// <summary>The parameters whose values are not percent-encoded UTF-8.</summary>
    public static IEnumerable<(string Name, string Code, string Remedy)> Faults(string? query)
    {
        foreach (var pair in new QueryStringEnumerable(query))
        {
            if (Decoded(pair.EncodedValue.Span) is not { } bytes)
            {
                yield return (
                    pair.DecodeName().ToString(),
                    "percent-encoding",
                    "Follow each percent sign by two hexadecimal digits; one that is meant as such is %25."
                );
            }
            else if (!Utf8.IsValid(bytes))
            {
                yield return (pair.DecodeName().ToString(), "not-utf8", "Send its value as UTF-8, percent-encoded.");
            }
        }
    }

    private static byte[]? Decoded(ReadOnlySpan<char> text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                // What is not escaped is text already, and ends what was.
                bytes.Add(char.IsAscii(text[i]) ? (byte)text[i] : (byte)'?');
            }
            else if (text.Length - i > 2 && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes.Add(Convert.FromHexString(text.Slice(i + 1, 2))[0]);
                i += 2;
            }
            else
            {
                return null;
            }
        }

        return [.. bytes];
    }
}
