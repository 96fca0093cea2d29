using System.Text;

namespace Governance.Cedar.Bundles;

/// <summary>A file's text, to say where in it something is: the engine counts bytes of UTF-8, people lines and columns.</summary>
internal sealed class SourceText(string name, string text)
{
    public string Name { get; } = name;

    public string Text { get; } = text;

    /// <summary>Where half a character stands alone, which no UTF-8 can hold; null where none does.</summary>
    public int? BrokenCharacter()
    {
        for (var i = 0; i < Text.Length; i++)
        {
            if (char.IsSurrogate(Text[i]))
            {
                if (!char.IsSurrogatePair(Text, i))
                {
                    return Encoding.UTF8.GetByteCount(Text.AsSpan(0, i));
                }

                i++;
            }
        }

        return null;
    }

    /// <summary>
    /// The parts in the order of the file, each with its first byte. The engine gives them back as they stand in the file, in an order of
    /// its own; one may contain the text of another, so the longest are looked for first and no two overlap.
    /// </summary>
    public IEnumerable<(string Part, int? Start)> Locate(IEnumerable<string> parts)
    {
        var taken = new List<(int Start, int End)>();
        var found = new List<(string Part, int? Index)>();
        foreach (var part in parts.OrderByDescending(part => part.Length))
        {
            var index = Text.IndexOf(part, StringComparison.Ordinal);
            while (index >= 0 && taken.Find(range => index < range.End && range.Start < index + part.Length) is { End: > 0 } range)
            {
                index = Text.IndexOf(part, range.End, StringComparison.Ordinal);
            }

            if (index >= 0)
            {
                taken.Add((index, index + part.Length));
            }

            found.Add((part, index < 0 ? null : index));
        }

        return found
            .OrderBy(part => part.Index)
            .Select(part => (part.Part, part.Index is { } index ? Encoding.UTF8.GetByteCount(Text.AsSpan(0, index)) : (int?)null));
    }

    public BundleFault Fault(string? policy, int? offset, string message)
    {
        if (offset is not { } bytes || bytes < 0)
        {
            return new BundleFault(Name, policy, null, null, message);
        }

        var utf8 = Encoding.UTF8.GetBytes(Text);
        var before = Encoding.UTF8.GetString(utf8, 0, Math.Min(bytes, utf8.Length));
        var line = before.Count(c => c == '\n') + 1;
        return new BundleFault(Name, policy, line, before.Length - before.LastIndexOf('\n'), message);
    }

    /// <summary>A fault that the engine found, with its advice; locations are relative to the given byte.</summary>
    public BundleFault Fault(string? policy, int? start, CedarError error)
    {
        var offset = start is null || error.Locations.Count == 0 ? start : start + error.Locations[0].Start;
        return Fault(policy, offset, error.Help is null ? error.Message : $"{error.Message} ({error.Help})");
    }
}
