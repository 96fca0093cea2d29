using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Governance.Catalog;

/// <summary>What a file may hold before anybody asks what it means.</summary>
internal static class CatalogText
{
    private const int MaxLength = 4000;
    private const int MaxDepth = 16;

    /// <exception cref="YamlException">The text is no YAML.</exception>
    public static bool IsSound(string name, string text, CatalogErrors errors)
    {
        var parser = new Parser(new StringReader(text));
        var before = errors.Count;
        var depth = 0;
        var documents = 0;
        while (MoveNext(parser, name, errors))
        {
            var current = parser.Current!;
            depth += current.NestingIncrease;
            documents += current is DocumentStart ? 1 : 0;
            if (Fault(current, depth, documents) is not { } fault)
            {
                continue;
            }

            errors.Add(At(name, current.Start, fault));
            if (depth > MaxDepth)
            {
                break;
            }
        }

        return errors.Count == before;
    }

    private static bool MoveNext(Parser parser, string name, CatalogErrors errors)
    {
        try
        {
            return parser.MoveNext();
        }
#pragma warning disable CA1031 // On some texts the library fails instead of saying what is wrong.
        catch (Exception e) when (e is not YamlException)
#pragma warning restore CA1031
        {
            var end = parser.Current?.End ?? Mark.Empty;
            errors.Add(At(name, end, "can't be read from here; look for brackets and quotes that have no other half"));
            return false;
        }
    }

    private static string At(string name, Mark mark, string fault) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}:{mark.Line}:{mark.Column}: {fault}");

    private static string? Fault(ParsingEvent current, int depth, int documents) =>
        current switch
        {
            _ when depth > MaxDepth => "too deep; nothing in a catalog is nested like this",
            DocumentStart when documents > 1 => "a second document; put it into a file of its own",
            Scalar { Value.Length: > MaxLength } => $"a text of more than {MaxLength} characters; shorten it",
            Scalar { Value: var text } when !IsUnicode(text) => "a text with half of a surrogate pair; write whole characters",
            Scalar { Value: var text } when text.Any(IsForbidden) => "a text with control characters; remove them",
            _ => null,
        };

    private static bool IsForbidden(char c) => char.IsControl(c) && c is not ('\t' or '\n' or '\r');

    private static bool IsUnicode(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (!char.IsSurrogatePair(text, i))
            {
                return false;
            }

            i++;
        }

        return true;
    }
}
