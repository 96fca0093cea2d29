namespace Governance.Targets.Kubernetes.Server;

/// <summary>A resource of the API.</summary>
internal sealed record ApiResource(string Group, string Plural, string Kind, bool Namespaced, string[] Members)
{
    public static readonly ApiResource Namespaces = new("", "namespaces", "Namespace", false, ["spec", "status"]);

    public static readonly ApiResource ServiceAccounts = new(
        "",
        "serviceaccounts",
        "ServiceAccount",
        true,
        ["secrets", "imagePullSecrets", "automountServiceAccountToken"]
    );

    public static readonly ApiResource Roles = new(Rbac, "roles", "Role", true, ["rules"]);

    public static readonly ApiResource ClusterRoles = new(Rbac, "clusterroles", "ClusterRole", false, ["rules", "aggregationRule"]);

    public static readonly ApiResource RoleBindings = new(Rbac, "rolebindings", "RoleBinding", true, ["subjects", "roleRef"]);

    public static readonly ApiResource ClusterRoleBindings = new(
        Rbac,
        "clusterrolebindings",
        "ClusterRoleBinding",
        false,
        ["subjects", "roleRef"]
    );

    public static readonly ApiResource[] All = [Namespaces, ServiceAccounts, Roles, ClusterRoles, RoleBindings, ClusterRoleBindings];

    public const string Rbac = "rbac.authorization.k8s.io";

    public string ApiVersion => Group.Length == 0 ? "v1" : Group + "/v1";

    /// <summary>As messages name it.</summary>
    public string Qualified => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public string QualifiedKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";

    public bool IsBinding => Plural is "rolebindings" or "clusterrolebindings";

    public string Prefix(string? space) => $"/registry/{Plural}/{(space is null ? "" : space + "/")}";

    public string Key(string? space, string name) => Prefix(space) + name;
}
