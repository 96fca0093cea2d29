using System.Text.Json.Nodes;

namespace Governance.Targets.Kubernetes.Server;

/// <param name="Name">The user name.</param>
/// <param name="Groups">The groups.</param>
internal sealed record ApiUser(string Name, string[] Groups)
{
    public bool IsMaster => Groups.Contains("system:masters");
}

/// <summary>RBAC, as <c>plugin/pkg/auth/authorizer/rbac</c> and <c>pkg/registry/rbac</c> have it.</summary>
internal sealed class ApiAuthorizer(ApiStore store)
{
    public bool Allows(ApiUser user, string verb, string group, string resource, string? space, string name) =>
        user.IsMaster
        || RulesOf(user, space)
            .Any(rule =>
                Covers(rule, "verbs", verb)
                && Covers(rule, "apiGroups", group)
                && Covers(rule, "resources", resource)
                && (rule.Texts("resourceNames") is { Length: 0 } || rule.Texts("resourceNames").Contains(name))
            );

    /// <summary>
    /// Whoever writes a binding needs the verb <c>bind</c> on its role, or all that the role gives; also to take a subject out of it.
    /// </summary>
    public void CheckBinding(ApiUser user, ApiResource resource, string? space, JsonObject binding)
    {
        var role = binding["roleRef"];
        var roles = role.Member("kind") == "Role" ? ApiResource.Roles : ApiResource.ClusterRoles;
        if (user.IsMaster || Allows(user, "bind", ApiResource.Rbac, roles.Plural, space, role.Member("name")))
        {
            return;
        }

        var rules = RulesOf(role, space) ?? throw ApiFailure.NotFound(roles.Qualified, role.Member("name"));
        if (!rules.All(rule => IsHeld(user, space, rule)))
        {
            throw ApiFailure.Forbidden(
                resource.Qualified,
                binding.Metadata().Member("name"),
                $"user \"{user.Name}\" (groups=[{string.Join(' ', user.Groups)}]) is attempting to grant RBAC permissions not currently held"
            );
        }
    }

    private bool IsHeld(ApiUser user, string? space, JsonObject rule) =>
        (
            from verb in rule.Texts("verbs")
            from api in rule.Texts("apiGroups")
            from resource in rule.Texts("resources")
            from name in rule.Texts("resourceNames").DefaultIfEmpty("")
            select Allows(user, verb, api, resource, space, name)
        ).All(allowed => allowed);

    private IEnumerable<JsonObject> RulesOf(ApiUser user, string? space)
    {
        var bindings = store.Now(ApiResource.ClusterRoleBindings.Prefix(null)).Select(binding => (binding, Space: (string?)null));
        if (space is not null)
        {
            bindings = bindings.Concat(store.Now(ApiResource.RoleBindings.Prefix(space)).Select(binding => (binding, (string?)space)));
        }

        return from pair in bindings
            where (pair.binding["subjects"] as JsonArray ?? []).Any(subject => AppliesTo(user, subject, pair.Space))
            from rule in RulesOf(pair.binding["roleRef"], pair.Space) ?? []
            select rule;
    }

    private IEnumerable<JsonObject>? RulesOf(JsonNode? role, string? space)
    {
        var key =
            role.Member("kind") == "Role"
                ? ApiResource.Roles.Key(space, role.Member("name"))
                : ApiResource.ClusterRoles.Key(null, role.Member("name"));
        return store.Find(key) is { } found ? (found["rules"] as JsonArray ?? []).OfType<JsonObject>() : null;
    }

    private static bool AppliesTo(ApiUser user, JsonNode? subject, string? space) =>
        subject.Member("kind") switch
        {
            "User" => subject.Member("name") == user.Name,
            "Group" => user.Groups.Contains(subject.Member("name")),
            // A subject without a namespace is in the binding's.
            "ServiceAccount" => user.Name
                == $"system:serviceaccount:{(subject.Member("namespace") is { Length: > 0 } named ? named : space)}:{subject.Member("name")}",
            _ => false,
        };

    private static bool Covers(JsonObject rule, string member, string wanted) =>
        rule.Texts(member).Any(text => text == "*" || text == wanted);
}
