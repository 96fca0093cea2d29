using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Governance.Targets.Kubernetes.Server;

/// <summary>Continue tokens as <c>apiserver/pkg/storage/continue.go</c> writes them.</summary>
/// <param name="Revision">Of which moment the list is; -1 for now, which the server hands out when it has forgotten that moment.</param>
/// <param name="Start">The key to begin with, without the resource's prefix.</param>
internal sealed record ApiContinue(long Revision, string Start)
{
    private const string Version = "meta.k8s.io/v1";

    public static ApiContinue Parse(string token)
    {
        try
        {
            var json = JsonNode.Parse(Base64Url.DecodeFromChars(token))!;
            if (json.Member("v") == Version && (long)json["rv"]! != 0 && json.Member("start").Length > 0)
            {
                return new((long)json["rv"]!, json.Member("start"));
            }
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException or NullReferenceException)
        {
            // Refused below.
        }

        throw ApiFailure.BadRequest("continue key is not valid");
    }

    public override string ToString() =>
        Base64Url.EncodeToString(
            JsonSerializer.SerializeToUtf8Bytes(
                new JsonObject
                {
                    ["v"] = Version,
                    ["rv"] = Revision,
                    ["start"] = Start,
                }
            )
        );
}
