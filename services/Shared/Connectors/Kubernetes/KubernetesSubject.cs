using System.Text.Json.Nodes;

namespace Governance.Connectors.Kubernetes;

/// <summary>An account: a ServiceAccount, by the user name that it has at the API server, or any other user.</summary>
internal sealed record KubernetesSubject
{
    private const string ServiceAccounts = "system:serviceaccount:";

    private KubernetesSubject(string account, string? serviceAccount, string? @namespace)
    {
        Account = account;
        ServiceAccount = serviceAccount;
        Namespace = @namespace;
    }

    /// <summary>The user name: <c>system:serviceaccount:NAMESPACE:NAME</c> for a ServiceAccount.</summary>
    public string Account { get; }

    /// <summary>Name of the ServiceAccount; null for a user.</summary>
    public string? ServiceAccount { get; }

    /// <summary>Namespace of the ServiceAccount; null for a user.</summary>
    public string? Namespace { get; }

    /// <summary>Path of the ServiceAccount; null for a user, whom nobody can look up.</summary>
    public string? Path => ServiceAccount is null ? null : $"/api/v1/namespaces/{Namespace}/serviceaccounts/{ServiceAccount}";

    /// <summary>Reads an account's name; null when nobody can have it.</summary>
    public static KubernetesSubject? Parse(string account)
    {
        if (!account.StartsWith(ServiceAccounts, StringComparison.Ordinal))
        {
            return KubernetesNames.IsText(account) ? new(account, null, null) : null;
        }

        return
            account[ServiceAccounts.Length..].Split(':') is [var space, var name]
            && KubernetesNames.IsLabel(space)
            && KubernetesNames.IsSubdomain(name)
            ? new(account, name, space)
            : null;
    }

    /// <summary>The account that a binding's subject stands for; null for a group.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="bindingNamespace">Where the binding is: the subject's namespace unless it names one.</param>
    public static string? AccountOf(JsonObject subject, string? bindingNamespace) =>
        subject.Text("kind") switch
        {
            "User" => subject.Text("name"),
            "ServiceAccount" => ServiceAccounts
                + (subject.Text("namespace") is { Length: > 0 } named ? named : bindingNamespace)
                + ":"
                + subject.Text("name"),
            _ => null,
        };

    /// <summary>The groups that every authenticator puts the account in. Others are known to the authenticator alone.</summary>
    public bool IsIn(string group) =>
        group switch
        {
            "system:authenticated" => Account != "system:anonymous",
            "system:unauthenticated" => Account == "system:anonymous",
            "system:serviceaccounts" => Namespace is not null,
            _ => Namespace is not null && group == "system:serviceaccounts:" + Namespace,
        };

    public JsonObject ToJson() =>
        ServiceAccount is null
            ? new()
            {
                ["kind"] = "User",
                ["apiGroup"] = KubernetesPrivilege.Group,
                ["name"] = Account,
            }
            : new()
            {
                ["kind"] = "ServiceAccount",
                ["name"] = ServiceAccount,
                ["namespace"] = Namespace,
            };
}
