using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Governance;

/// <summary>Canonical JSON (RFC 8785, JCS): one text, and so one digest, for one document.</summary>
/// <remarks>
/// Members are ordered by the UTF-16 code units of their names. Integers are kept exactly; one beyond ±(2⁵³−1) is not representable in
/// I-JSON and is refused: write it as a string. Non-integral numbers are refused too, since no document of this suite has any.
/// </remarks>
public static class CanonicalJson
{
    private const long MaxSafeInteger = (1L << 53) - 1;

    /// <summary>The canonical text of a value as the given serializer options write it.</summary>
    /// <exception cref="FormatException">The document has a number that canonical JSON can't carry exactly.</exception>
    public static string Serialize<T>(T value, JsonSerializerOptions options)
    {
        using var document = JsonSerializer.SerializeToDocument(value, options);
        return Canonicalize(document.RootElement);
    }

    /// <summary>The canonical text of a parsed document.</summary>
    /// <exception cref="FormatException">The document has a number that canonical JSON can't carry exactly.</exception>
    public static string Canonicalize(JsonElement element)
    {
        var text = new StringBuilder(256);
        Write(element, text);
        return text.ToString();
    }

    /// <summary>The canonical text of a node.</summary>
    /// <exception cref="FormatException">The document has a number that canonical JSON can't carry exactly.</exception>
    public static string Canonicalize(JsonNode? node)
    {
        if (node is null)
        {
            return "null";
        }

        using var document = JsonDocument.Parse(node.ToJsonString());
        return Canonicalize(document.RootElement);
    }

    /// <summary><c>sha256:</c> and the lower-case hexadecimal SHA-256 of the text as UTF-8.</summary>
    public static string Digest(string canonicalText) => Digest(Encoding.UTF8.GetBytes(canonicalText));

    /// <summary><c>sha256:</c> and the lower-case hexadecimal SHA-256 of the bytes.</summary>
    public static string Digest(ReadOnlySpan<byte> bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static void Write(JsonElement element, StringBuilder text)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(element, text);
                break;
            case JsonValueKind.Array:
                text.Append('[');
                var first = true;
                foreach (var item in element.EnumerateArray())
                {
                    Separate(text, ref first);
                    Write(item, text);
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                WriteString(element.GetString()!, text);
                break;
            case JsonValueKind.Number:
                WriteNumber(element, text);
                break;
            case JsonValueKind.True:
                text.Append("true");
                break;
            case JsonValueKind.False:
                text.Append("false");
                break;
            case JsonValueKind.Null:
                text.Append("null");
                break;
            default:
                throw new FormatException("An undefined JSON value has no canonical form.");
        }
    }

    private static void WriteObject(JsonElement element, StringBuilder text)
    {
        var members = element.EnumerateObject().ToArray();
        Array.Sort(members, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        text.Append('{');
        var first = true;
        string? previous = null;
        foreach (var member in members)
        {
            if (string.Equals(previous, member.Name, StringComparison.Ordinal))
            {
                throw new FormatException($"The member '{member.Name}' appears twice.");
            }

            previous = member.Name;
            Separate(text, ref first);
            WriteString(member.Name, text);
            text.Append(':');
            Write(member.Value, text);
        }

        text.Append('}');
    }

    private static void Separate(StringBuilder text, ref bool first)
    {
        if (!first)
        {
            text.Append(',');
        }

        first = false;
    }

    private static void WriteNumber(JsonElement element, StringBuilder text)
    {
        if (!element.TryGetInt64(out var number) || number is > MaxSafeInteger or < -MaxSafeInteger)
        {
            throw new FormatException($"The number {element.GetRawText()} is no integer within ±(2^53-1): write it as a string.");
        }

        text.Append(number.ToString(CultureInfo.InvariantCulture));
    }

    private static void WriteString(string value, StringBuilder text)
    {
        text.Append('"');
        foreach (var c in value)
        {
            switch (c)
            {
                case '"':
                    text.Append("\\\"");
                    break;
                case '\\':
                    text.Append("\\\\");
                    break;
                case '\b':
                    text.Append("\\b");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\f':
                    text.Append("\\f");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case < ' ':
                    text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                    break;
                default:
                    text.Append(c);
                    break;
            }
        }

        text.Append('"');
    }
}
