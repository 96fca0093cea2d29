using System.Buffers.Text;
using System.Text.Json;

namespace Governance.Connectors.Kubernetes;

/// <param name="ClusterWide">The RoleBindings are through.</param>
/// <param name="Continue">The server's own token; null at the beginning.</param>
internal sealed record PageToken(bool ClusterWide, string? Continue)
{
    public static PageToken Parse(string? token)
    {
        if (token is null)
        {
            return new(false, null);
        }

        try
        {
            return JsonSerializer.Deserialize<PageToken>(Base64Url.DecodeFromChars(token), WireJson.Strict) ?? throw new JsonException();
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw NotOurs(token, e);
        }
    }

    public static ArgumentException NotOurs(string? token, Exception? inner = null) =>
        new("Not a page token of this connector.", nameof(token), inner);

    public override string ToString() => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this, WireJson.Strict));
}
