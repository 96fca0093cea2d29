using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Governance.Contracts.Tests;

/// <summary>How a form may grow: members come to objects, and where it is a list of words, words; nothing is removed or retyped.</summary>
/// <param name="vocabularies">Enumerations: a member that had one word in a sample may have another of the same enumeration.</param>
/// <param name="wordsMayCome">Whether arrays are lists of words.</param>
internal sealed class Growth(IReadOnlyList<IReadOnlyList<string>> vocabularies, bool wordsMayCome = false)
{
    /// <summary>What the older form has and the newer one has not, by path.</summary>
    public IReadOnlyList<string> Losses(JsonNode older, JsonNode newer)
    {
        var losses = new List<string>();
        Compare(older, newer, "", losses);
        return losses;
    }

    private void Compare(JsonNode? older, JsonNode? newer, string path, List<string> losses)
    {
        switch (older, newer)
        {
            case (JsonObject was, JsonObject now):
                foreach (var (name, value) in was)
                {
                    if (now.TryGetPropertyValue(name, out var other))
                    {
                        Compare(value, other, $"{path}/{name}", losses);
                    }
                    else
                    {
                        losses.Add($"{path}/{name}: removed");
                    }
                }

                break;
            case (JsonArray was, JsonArray now) when wordsMayCome:
                if (!IsWithin(was, now))
                {
                    losses.Add($"{path}: a word was removed or moved");
                }

                break;
            case (JsonArray was, JsonArray now) when was.Count == now.Count:
                for (var i = 0; i < was.Count; i++)
                {
                    Compare(was[i], now[i], path + "/" + i.ToString(CultureInfo.InvariantCulture), losses);
                }

                break;
            case var _ when !JsonNode.DeepEquals(older, newer) && !AreWordsOfOneVocabulary(older, newer):
                losses.Add($"{path}: was {older?.ToJsonString() ?? "null"}, is {newer?.ToJsonString() ?? "null"}");
                break;
        }
    }

    private static bool IsWithin(JsonArray was, JsonArray now)
    {
        var next = 0;
        foreach (var word in now)
        {
            next += next < was.Count && JsonNode.DeepEquals(was[next], word) ? 1 : 0;
        }

        return next == was.Count;
    }

    private bool AreWordsOfOneVocabulary(JsonNode? older, JsonNode? newer) =>
        Word(older) is { } was
        && Word(newer) is { } now
        && vocabularies.Any(v => v.Contains(was, StringComparer.Ordinal) && v.Contains(now, StringComparer.Ordinal));

    private static string? Word(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;
}
