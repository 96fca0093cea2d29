using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Governance.Connectors.Scim;

internal static class ScimJson
{
    public const string MediaType = "application/scim+json";

    public const string ListResponse = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

    public const string PatchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

    public const string Error = "urn:ietf:params:scim:api:messages:2.0:Error";

    /// <summary>Attribute names are the same in upper and lower case (RFC 7643 §2.1), and providers have attributes of their own.</summary>
    public static JsonSerializerOptions Options { get; } =
        new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            PropertyNameCaseInsensitive = true,
            AllowDuplicateProperties = false,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            MaxDepth = 32,
        };
}

internal interface IScimResource
{
    string Id { get; }
}

internal sealed record ScimUser(
    [property: JsonConverter(typeof(ScimTextConverter))] string Id,
    string UserName,
    IReadOnlyList<ScimUserGroup>? Groups = null
) : IScimResource;

internal sealed record ScimUserGroup([property: JsonConverter(typeof(ScimTextConverter))] string? Value = null, string? Type = null)
{
    public bool IsDirect => string.Equals(Type, "direct", StringComparison.OrdinalIgnoreCase);

    public bool IsIndirect => string.Equals(Type, "indirect", StringComparison.OrdinalIgnoreCase);
}

internal sealed record ScimGroup(
    [property: JsonConverter(typeof(ScimTextConverter))] string Id,
    string? DisplayName = null,
    ScimMeta? Meta = null,
    IReadOnlyList<ScimMember>? Members = null
) : IScimResource;

internal sealed record ScimMeta(string? Version = null);

internal sealed record ScimMember(
    [property: JsonConverter(typeof(ScimTextConverter))] string? Value = null,
    string? Type = null,
    string? Display = null
);

internal sealed record ScimList<T>(IReadOnlyList<string>? Schemas = null, int? TotalResults = null, IReadOnlyList<T>? Resources = null);

internal sealed record ScimConfig(ScimSupport? Patch = null, string? DocumentationUri = null);

internal sealed record ScimSupport(bool? Supported = null);

internal sealed record ScimFault(IReadOnlyList<string> Schemas, string? ScimType = null);

internal sealed record ScimPatch(
    [property: JsonPropertyName("schemas")] IReadOnlyList<string> Schemas,
    [property: JsonPropertyName("Operations")] IReadOnlyList<ScimOperation> Operations
);

internal sealed record ScimOperation(string Op, string Path, IReadOnlyList<ScimMember>? Value);

internal sealed record ScimPageToken
{
    /// <summary>Id of the group of the last one.</summary>
    public string? Group { get; init; }

    /// <summary>Id of the last one there; null when the group is done.</summary>
    public string? Member { get; init; }

    /// <summary>Position of the next user, where members are found by filter.</summary>
    public int? User { get; init; }
}
