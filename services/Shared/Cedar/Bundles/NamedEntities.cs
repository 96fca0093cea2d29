using System.Text.Json;

namespace Governance.Cedar.Bundles;

/// <summary>The entities that a policy in Cedar's JSON form names.</summary>
internal static class NamedEntities
{
    public static IEnumerable<CedarUid> In(JsonElement part) =>
        part.ValueKind switch
        {
            JsonValueKind.Array => part.EnumerateArray().SelectMany(In),
            JsonValueKind.Object => part.EnumerateObject().SelectMany(Member),
            _ => [],
        };

    private static IEnumerable<CedarUid> Member(JsonProperty member) =>
        member.NameEquals("__entity")
            ? [new CedarUid(member.Value.GetProperty("type").GetString()!, member.Value.GetProperty("id").GetString()!)]
            : In(member.Value);
}
