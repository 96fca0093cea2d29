using System.Text.RegularExpressions;

namespace Governance.Reading;

/// <summary>Media types of JSON, in a header and in a CloudEvent's <c>datacontenttype</c> alike; <c>contracts/schemas</c> has the same pattern.</summary>
public static partial class JsonMediaType
{
    /// <summary>Whether it is this type, in any case, with no other charset than UTF-8, quoted or not.</summary>
    /// <param name="text">The media type with its parameters.</param>
    /// <param name="type">The type that it is to be, for example <c>application/json</c>.</param>
    public static bool Is(string? text, string type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return text is { Length: <= Bounds.NameLength }
            && text.StartsWith(type, StringComparison.OrdinalIgnoreCase)
            && Parameters().IsMatch(text[type.Length..]);
    }

    [GeneratedRegex(
        @"\A(?: *; *(?:charset=(?:utf-8|""utf-8"")|(?!charset=)[!#$%&'*+\-.^_`|~0-9A-Za-z]+=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|""[ !#-\[\]-~]*"")))* *\z",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase,
        RegexTimeout.Milliseconds
    )]
    private static partial Regex Parameters();
}
