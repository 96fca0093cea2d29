using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Governance.Targets.Kubernetes.Server;

/// <summary>
/// What the server takes: <c>pkg/apis/rbac/validation</c> for roles and bindings, <c>apimachinery/pkg/api/validation</c> for metadata, and
/// strict decoding for everything (<c>fieldValidation=Strict</c>).
/// </summary>
internal static partial class ApiValidation
{
    private const int MaxAnnotations = 256 * 1024;

    private static readonly string[] MetadataMembers =
    [
        "name",
        "generateName",
        "namespace",
        "selfLink",
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "labels",
        "annotations",
        "ownerReferences",
        "finalizers",
        "managedFields",
    ];

    /// <summary>Strict decoding: a member that the type has not is an error, wherever it stands.</summary>
    public static void CheckMembers(ApiResource resource, JsonObject value)
    {
        List<string> unknown = [];
        Unknown(value, ["apiVersion", "kind", "metadata", .. resource.Members], "", unknown);
        Unknown(value["metadata"], MetadataMembers, "metadata.", unknown);
        Unknown(value["roleRef"], ["apiGroup", "kind", "name"], "roleRef.", unknown);
        foreach (var (subject, i) in (value["subjects"] as JsonArray ?? []).Select((subject, i) => (subject, i)))
        {
            Unknown(subject, ["apiGroup", "kind", "name", "namespace"], $"subjects[{i}].", unknown);
        }

        foreach (var (rule, i) in (value["rules"] as JsonArray ?? []).Select((rule, i) => (rule, i)))
        {
            Unknown(rule, ["apiGroups", "resources", "verbs", "resourceNames", "nonResourceURLs"], $"rules[{i}].", unknown);
        }

        if (unknown.Count > 0)
        {
            throw ApiFailure.BadRequest(
                $"{resource.Kind} in version \"v1\" cannot be handled as a {resource.Kind}: strict decoding error: "
                    + string.Join(", ", unknown.Select(member => $"unknown field \"{member}\""))
            );
        }
    }

    public static void Check(ApiResource resource, JsonObject value)
    {
        List<string> errors = [];
        var metadata = (JsonObject)value["metadata"]!;
        var name = metadata.Member("name");
        CheckName(resource, name, errors);
        CheckMetadata(metadata, errors);
        if (resource.IsBinding)
        {
            CheckRoleRef(resource, value["roleRef"] as JsonObject ?? [], errors);
            foreach (var subject in (value["subjects"] as JsonArray ?? []).OfType<JsonObject>())
            {
                CheckSubject(resource, subject, errors);
            }
        }

        foreach (var rule in (value["rules"] as JsonArray ?? []).OfType<JsonObject>())
        {
            CheckRule(rule, errors);
        }

        if (errors.Count > 0)
        {
            throw ApiFailure.Invalid(resource.QualifiedKind, name, string.Join(", ", errors));
        }
    }

    private static void Unknown(JsonNode? node, string[] known, string path, List<string> unknown)
    {
        if (node is JsonObject value)
        {
            unknown.AddRange(value.Select(member => member.Key).Where(key => !known.Contains(key)).Select(key => path + key));
        }
        else if (node is not null)
        {
            throw ApiFailure.BadRequest($"json: cannot unmarshal into Go struct field {path.TrimEnd('.')}");
        }
    }

    private static void CheckName(ApiResource resource, string name, List<string> errors)
    {
        if (name.Length == 0)
        {
            errors.Add("metadata.name: Required value: name or generateName is required");
        }
        else if (
            resource.Group == ApiResource.Rbac ? !IsPathSegment(name)
            : resource == ApiResource.Namespaces ? !Label.IsMatch(name)
            : !IsSubdomain(name)
        )
        {
            errors.Add($"metadata.name: Invalid value: \"{name}\"");
        }
    }

    private static void CheckMetadata(JsonObject metadata, List<string> errors)
    {
        foreach (var (key, value) in metadata["labels"] as JsonObject ?? [])
        {
            if (!IsQualified(key) || !LabelValue.IsMatch((string)value!))
            {
                errors.Add($"metadata.labels: Invalid value: \"{key}\"");
            }
        }

        var size = 0;
        foreach (var (key, value) in metadata["annotations"] as JsonObject ?? [])
        {
            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount((string)value!);
            if (!IsQualified(key))
            {
                errors.Add($"metadata.annotations: Invalid value: \"{key}\"");
            }
        }

        if (size > MaxAnnotations)
        {
            errors.Add($"metadata.annotations: Too long: may not be more than {MaxAnnotations} bytes");
        }
    }

    private static void CheckRoleRef(ApiResource resource, JsonObject role, List<string> errors)
    {
        string[] kinds = resource.Namespaced ? ["Role", "ClusterRole"] : ["ClusterRole"];
        if (role.Member("apiGroup") != ApiResource.Rbac)
        {
            errors.Add($"roleRef.apiGroup: Unsupported value: \"{role.Member("apiGroup")}\"");
        }

        if (!kinds.Contains(role.Member("kind")))
        {
            errors.Add($"roleRef.kind: Unsupported value: \"{role.Member("kind")}\"");
        }

        if (!IsPathSegment(role.Member("name")))
        {
            errors.Add("roleRef.name: Invalid value");
        }
    }

    private static void CheckSubject(ApiResource resource, JsonObject subject, List<string> errors)
    {
        var kind = subject.Member("kind");
        var name = subject.Member("name");
        if (name.Length == 0)
        {
            errors.Add("subjects.name: Required value");
        }

        if (kind == "ServiceAccount")
        {
            if (!IsSubdomain(name) || subject.Member("apiGroup").Length > 0)
            {
                errors.Add($"subjects.name: Invalid value: \"{name}\"");
            }

            if (!resource.Namespaced && subject.Member("namespace").Length == 0)
            {
                errors.Add("subjects.namespace: Required value");
            }
        }
        else if (kind is not ("User" or "Group") || subject.Member("apiGroup") != ApiResource.Rbac)
        {
            errors.Add($"subjects.kind: Unsupported value: \"{kind}\"");
        }
    }

    private static void CheckRule(JsonObject rule, List<string> errors)
    {
        if (rule.Texts("verbs").Length == 0)
        {
            errors.Add("rules.verbs: Required value: verbs must contain at least one value");
        }

        if (rule.Texts("nonResourceURLs").Length == 0 && (rule.Texts("apiGroups").Length == 0 || rule.Texts("resources").Length == 0))
        {
            errors.Add("rules: Required value: resource rules must supply at least one api group and one resource");
        }
    }

    /// <summary>The only rule for names of RBAC objects: <c>path.IsValidPathSegmentName</c>.</summary>
    private static bool IsPathSegment(string name) =>
        name.Length > 0
        && name is not ("." or "..")
        && !name.Contains('/', StringComparison.Ordinal)
        && !name.Contains('%', StringComparison.Ordinal);

    private static bool IsSubdomain(string name) => name.Length is > 0 and <= 253 && Subdomain.IsMatch(name);

    private static bool IsQualified(string key) =>
        key.Split('/') switch
        {
            [var name] => Qualified.IsMatch(name),
            [var prefix, var name] => IsSubdomain(prefix) && Qualified.IsMatch(name),
            _ => false,
        };

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z", RegexOptions.ExplicitCapture, 100)]
    private static partial Regex Label { get; }

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Subdomain { get; }

    [GeneratedRegex(@"\A(?=.{1,63}\z)[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?\z", RegexOptions.ExplicitCapture, 100)]
    private static partial Regex Qualified { get; }

    [GeneratedRegex(@"\A(?=.{0,63}\z)([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?\z", RegexOptions.ExplicitCapture, 100)]
    private static partial Regex LabelValue { get; }
}
