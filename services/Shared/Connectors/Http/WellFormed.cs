namespace Governance.Connectors.Http;

internal static class WellFormed
{
    /// <summary>Whether a text survives UTF-8: half of a surrogate pair would silently become another name.</summary>
    public static bool IsText(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return false;
            }
        }

        return true;
    }
}
