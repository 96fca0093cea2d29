using System.Buffers.Text;
using System.Text.Json;

namespace Governance.Connectors.Http;

internal static class PageTokens
{
    public static T Parse<T>(string token)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Base64Url.DecodeFromChars(token), WireJson.Strict) ?? throw new JsonException();
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw new ArgumentException("Not a page token of this connector.", nameof(token), e);
        }
    }

    public static string Write<T>(T token) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(token, WireJson.Strict));
}
