using System.Buffers.Text;
using System.Text.Json;

namespace Governance.Connectors.PostgreSql;

internal sealed record PageToken(string Account, string Privilege)
{
    private static readonly PageToken First = new("", "");

    public static PageToken Parse(string? token)
    {
        if (token is null)
        {
            return First;
        }

        try
        {
            return JsonSerializer.Deserialize<PageToken>(Base64Url.DecodeFromChars(token), WireJson.Strict) ?? throw new JsonException();
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw new ArgumentException("Not a page token of this connector.", nameof(token), e);
        }
    }

    public override string ToString() => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this, WireJson.Strict));
}
