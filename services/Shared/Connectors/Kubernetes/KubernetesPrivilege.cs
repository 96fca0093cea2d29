using System.Text.Json.Nodes;

namespace Governance.Connectors.Kubernetes;

/// <summary>A role and where it is given.</summary>
/// <remarks>
/// <c>NAMESPACE/role/NAME</c>, <c>NAMESPACE/clusterrole/NAME</c> (a cluster role within one namespace), or <c>clusterrole/NAME</c>
/// (everywhere). Two parts or three: a namespace may be called <c>cluster</c> or <c>clusterrole</c>.
/// </remarks>
internal sealed record KubernetesPrivilege(string? Namespace, string RoleKind, string RoleName)
{
    public const string Group = "rbac.authorization.k8s.io";
    public const string Api = "/apis/" + Group + "/v1/";
    public const string EveryRoleBinding = Api + "rolebindings";
    public const string EveryClusterRoleBinding = Api + "clusterrolebindings";

    private const string Role = "Role";
    private const string ClusterRole = "ClusterRole";

    /// <summary>Kind of the bindings that give it.</summary>
    public string BindingKind => Namespace is null ? "ClusterRoleBinding" : "RoleBinding";

    /// <summary>Path of the bindings that give it.</summary>
    public string Bindings => Namespace is null ? EveryClusterRoleBinding : $"{Api}namespaces/{Namespace}/rolebindings";

    /// <summary>Path of the role.</summary>
    public string RolePath =>
        RoleKind == Role
            ? $"{Api}namespaces/{Namespace}/roles/{Uri.EscapeDataString(RoleName)}"
            : $"{Api}clusterroles/{Uri.EscapeDataString(RoleName)}";

    /// <summary>Reads a privilege's name; null when there can't be one.</summary>
    public static KubernetesPrivilege? Parse(string privilege) =>
        privilege.Split('/') switch
        {
            ["clusterrole", var name] when KubernetesNames.IsPathSegment(name) => new(null, ClusterRole, name),
            [var space, "role", var name] when KubernetesNames.IsLabel(space) && KubernetesNames.IsPathSegment(name) => new(
                space,
                Role,
                name
            ),
            [var space, "clusterrole", var name] when KubernetesNames.IsLabel(space) && KubernetesNames.IsPathSegment(name) => new(
                space,
                ClusterRole,
                name
            ),
            _ => null,
        };

    /// <summary>What a binding gives.</summary>
    public static KubernetesPrivilege Of(KubernetesBinding binding) => new(binding.Namespace, binding.RoleKind, binding.RoleName);

    /// <summary>The binding is for this role, in this scope or another.</summary>
    public bool IsRoleOf(KubernetesBinding binding) => binding.RoleKind == RoleKind && binding.RoleName == RoleName;

    public JsonObject ToRoleRef() =>
        new()
        {
            ["apiGroup"] = Group,
            ["kind"] = RoleKind,
            ["name"] = RoleName,
        };

    public override string ToString() =>
        (Namespace is null ? "" : Namespace + "/") + (RoleKind == Role ? "role/" : "clusterrole/") + RoleName;
}
