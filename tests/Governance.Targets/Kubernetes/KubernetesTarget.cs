using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Governance.Connectors.Kubernetes;
using Governance.Targets.Kubernetes.Server;
using Governance.Testing;
using Microsoft.Extensions.DependencyInjection;
using YamlDotNet.RepresentationModel;

namespace Governance.Targets.Kubernetes;

/// <summary>A namespace of a cluster; the suite's account has the rights that Issuance's README names, and no others.</summary>
public sealed partial class KubernetesTarget : ConformanceTarget
{
    private const string ServiceAccountPrefix = "system:serviceaccount:";

    private readonly bool _ownsCluster;
    private readonly string _token;
    private readonly KubernetesGateway _gateway;
    private readonly string _authorityFile = Path.Combine(Path.GetTempPath(), $"governance-authority-{Guid.NewGuid():N}.pem");
    private int _names;

    private KubernetesTarget(KubernetesCluster cluster, bool ownsCluster, string space, string token, KubernetesGateway gateway)
    {
        Cluster = cluster;
        _ownsCluster = ownsCluster;
        Namespace = space;
        _token = token;
        _gateway = gateway;
        File.WriteAllText(_authorityFile, gateway.Authority);
    }

    public KubernetesCluster Cluster { get; }

    /// <summary>Where the accounts and roles are.</summary>
    public string Namespace { get; }

    internal KubernetesGateway Gateway => _gateway;

    /// <summary>The suite's account.</summary>
    public string Suite => $"{ServiceAccountPrefix}{Namespace}:governance";

    public override string ConnectionString => ConnectionStringWith(_token);

    public override IReadOnlyList<string> Secrets => [_token];

    public override TargetFaults Faults => _gateway;

    public string AuthorityFile => _authorityFile;

    /// <param name="cluster">Where.</param>
    /// <param name="ownsCluster">Whether the cluster ends with this.</param>
    public static async Task<KubernetesTarget> CreateAsync(KubernetesCluster cluster, bool ownsCluster)
    {
        var space = "t" + RandomNumberGenerator.GetHexString(12, lowercase: true);
        await cluster.DoAsync("POST", "/api/v1/namespaces", NewObject("v1", "Namespace", space));
        await cluster.DoAsync("POST", $"/api/v1/namespaces/{space}/serviceaccounts", NewObject("v1", "ServiceAccount", "governance"));
        var role = Manifest();
        await cluster.EnsureAsync(KubernetesCluster.Rbac + "clusterroles", role);
        await cluster.DoAsync(
            "POST",
            KubernetesCluster.Rbac + "clusterrolebindings",
            Binding("ClusterRoleBinding", "suite-" + space, "ClusterRole", "governance-issuance", ServiceAccount(space, "governance"))
        );
        var token = await TokenAsync(cluster, space, "governance");
        var gateway = await KubernetesGateway.StartAsync(cluster.CreateClient());
        var target = new KubernetesTarget(cluster, ownsCluster, space, token, gateway);
        // The server's authorizer follows its own store with a delay.
        await Eventually.Until(() =>
            target.AllowsAsync(target.Suite, "create", "rbac.authorization.k8s.io", "clusterrolebindings", "anything", everywhere: true)
        );
        return target;
    }

    /// <summary>Creates an account that may do these things with bindings.</summary>
    /// <returns>Its token.</returns>
    public async Task<string> CreateLimitedAsync(string[] verbs, bool bind)
    {
        var name = "limited-" + Next();
        var role = Manifest();
        role["metadata"]!["name"] = $"{name}-{Namespace}";
        role["rules"]![0]!["verbs"] = new JsonArray([.. verbs.Select(verb => (JsonNode)verb)]);
        if (!bind)
        {
            role["rules"]![1]!["verbs"] = new JsonArray("get");
        }

        await Cluster.DoAsync("POST", KubernetesCluster.Rbac + "clusterroles", role);
        await Cluster.DoAsync("POST", $"/api/v1/namespaces/{Namespace}/serviceaccounts", NewObject("v1", "ServiceAccount", name));
        await Cluster.DoAsync(
            "POST",
            KubernetesCluster.Rbac + "clusterrolebindings",
            Binding(
                "ClusterRoleBinding",
                $"{name}-{Namespace}",
                "ClusterRole",
                (string)role["metadata"]!["name"]!,
                ServiceAccount(Namespace, name)
            )
        );
        await Eventually.Until(() =>
            AllowsAsync($"{ServiceAccountPrefix}{Namespace}:{name}", verbs[0], "rbac.authorization.k8s.io", "rolebindings", "anything")
        );
        return await TokenAsync(Cluster, Namespace, name);
    }

    /// <summary>Settings with another token.</summary>
    public string ConnectionStringWith(string token) => $"Server={_gateway.Address};CertificateAuthority={_authorityFile};Token={token}";

    public override void Register(IServiceCollection services) => services.AddKubernetesConnector();

    public override async Task<string?> CreateAccountAsync(string like)
    {
        var name = $"{like}-{Next()}";
        if (!Subdomain.IsMatch(name))
        {
            return like.Length > 0 ? name : null; // Users are nobody's objects.
        }

        await Cluster.DoAsync("POST", $"/api/v1/namespaces/{Namespace}/serviceaccounts", NewObject("v1", "ServiceAccount", name));
        return $"{ServiceAccountPrefix}{Namespace}:{name}";
    }

    /// <summary>Roles, cluster roles within the namespace, and cluster roles everywhere, in turn.</summary>
    public override async Task<string?> CreatePrivilegeAsync(string like)
    {
        var number = Next();
        var name = $"{like}-{number}-{Namespace}";
        if (name.AsSpan().IndexOfAny('/', '%') >= 0)
        {
            return null;
        }

        var inNamespace = _names % 3 == 0;
        var role = NewObject("rbac.authorization.k8s.io/v1", inNamespace ? "Role" : "ClusterRole", name);
        role["rules"] = JsonNode.Parse("""[{"apiGroups":[""],"resources":["configmaps"],"verbs":["get"],"resourceNames":["x"]}]""");
        role["rules"]![0]!["resourceNames"]![0] = name;
        await Cluster.DoAsync("POST", KubernetesCluster.Rbac + (inNamespace ? $"namespaces/{Namespace}/roles" : "clusterroles"), role);
        return inNamespace ? $"{Namespace}/role/{name}"
            : _names % 3 == 1 ? $"{Namespace}/clusterrole/{name}"
            : $"clusterrole/{name}";
    }

    /// <summary>The bindings stay, as they do in a cluster.</summary>
    public override Task DropAccountAsync(string account) =>
        Cluster.DoAsync("DELETE", $"/api/v1/namespaces/{Namespace}/serviceaccounts/{account.Split(':')[3]}");

    /// <summary>The bindings stay, as they do in a cluster.</summary>
    public override Task DropPrivilegeAsync(string privilege)
    {
        var (_, kind, name) = Parts(privilege);
        return Cluster.DoAsync(
            "DELETE",
            KubernetesCluster.Rbac + (kind == "Role" ? $"namespaces/{Namespace}/roles/" : "clusterroles/") + Uri.EscapeDataString(name)
        );
    }

    public override async Task<bool> HasAsync(string account, string privilege) => (await BindingsOfAsync(account, privilege)).Count > 0;

    /// <summary>A binding without a subject gives nothing.</summary>
    public override async Task<IReadOnlyList<HeldAccess>> AllAsync()
    {
        var bindings = await AllAsync($"{KubernetesCluster.Rbac}namespaces/{Namespace}/rolebindings");
        bindings.AddRange(await AllAsync(KubernetesCluster.Rbac + "clusterrolebindings"));
        return
        [
            .. bindings
                .Where(binding => ((string)binding["roleRef"]!["name"]!).EndsWith(Namespace, StringComparison.Ordinal))
                .SelectMany(binding =>
                    (binding["subjects"] as JsonArray ?? []).Select(subject => new HeldAccess(AccountOf(subject!), PrivilegeOf(binding)))
                ),
        ];
    }

    public override Task GiveAsync(string account, string privilege) => GiveAsync(account, privilege, []);

    /// <summary>Binds the account together with other subjects.</summary>
    public async Task<string> GiveAsync(string account, string privilege, JsonArray others)
    {
        var (space, kind, name) = Parts(privilege);
        var binding = Binding(
            space is null ? "ClusterRoleBinding" : "RoleBinding",
            $"by-hand-{Next()}-{Namespace}",
            kind,
            name,
            Subject(account)
        );
        foreach (var other in others)
        {
            binding["subjects"]!.AsArray().Add(other!.DeepClone());
        }

        await Cluster.DoAsync("POST", CollectionOf(privilege), binding);
        return (string)binding["metadata"]!["name"]!;
    }

    public override async Task TakeAsync(string account, string privilege)
    {
        foreach (var binding in await BindingsOfAsync(account, privilege))
        {
            await Cluster.DoAsync("DELETE", $"{CollectionOf(privilege)}/{Uri.EscapeDataString((string)binding["metadata"]!["name"]!)}");
        }
    }

    /// <summary>What the server's own authorizer says.</summary>
    public async Task<bool> AllowsAsync(string user, string verb, string group, string resource, string name, bool everywhere = false)
    {
        string[] groups = user.StartsWith(ServiceAccountPrefix, StringComparison.Ordinal)
            ? ["system:serviceaccounts", "system:serviceaccounts:" + Namespace, "system:authenticated"]
            : ["system:authenticated"];
        var answer = await Cluster.DoAsync(
            "POST",
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            new JsonObject
            {
                ["apiVersion"] = "authorization.k8s.io/v1",
                ["kind"] = "SubjectAccessReview",
                ["spec"] = new JsonObject
                {
                    ["user"] = user,
                    ["groups"] = new JsonArray([.. groups.Select(g => (JsonNode)g)]),
                    ["resourceAttributes"] = new JsonObject
                    {
                        ["namespace"] = everywhere ? "" : Namespace,
                        ["verb"] = verb,
                        ["group"] = group,
                        ["resource"] = resource,
                        ["name"] = name,
                    },
                },
            }
        );
        return (bool)answer["status"]!["allowed"]!;
    }

    /// <summary>Every binding in the privilege's scope that gives it to the account.</summary>
    public async Task<List<JsonObject>> BindingsOfAsync(string account, string privilege)
    {
        var (_, kind, name) = Parts(privilege);
        return
        [
            .. (await AllAsync(CollectionOf(privilege))).Where(binding =>
                (string?)binding["roleRef"]!["kind"] == kind
                && (string?)binding["roleRef"]!["name"] == name
                && (binding["subjects"] as JsonArray ?? []).Any(subject =>
                    JsonNode.DeepEquals(subject, Subject(account))
                    || (string?)subject!["kind"] == "User" && (string?)subject["name"] == account
                )
            ),
        ];
    }

    /// <summary>Everything in a collection.</summary>
    public async Task<List<JsonObject>> AllAsync(string path) =>
        [.. (await Cluster.DoAsync("GET", path))["items"]!.AsArray().Select(item => item!.AsObject())];

    public static string CollectionOf(string privilege) =>
        KubernetesCluster.Rbac + (Parts(privilege).Namespace is { } space ? $"namespaces/{space}/rolebindings" : "clusterrolebindings");

    public static JsonObject Subject(string account) =>
        account.Split(':') is ["system", "serviceaccount", var space, var name]
            ? ServiceAccount(space, name)
            : new()
            {
                ["kind"] = "User",
                ["apiGroup"] = "rbac.authorization.k8s.io",
                ["name"] = account,
            };

    public static JsonObject Group(string name) =>
        new()
        {
            ["kind"] = "Group",
            ["apiGroup"] = "rbac.authorization.k8s.io",
            ["name"] = name,
        };

    public static JsonObject NewObject(string apiVersion, string kind, string name) =>
        new()
        {
            ["apiVersion"] = apiVersion,
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = name },
        };

    public static JsonObject Binding(string kind, string name, string roleKind, string role, params JsonNode[] subjects)
    {
        var binding = NewObject("rbac.authorization.k8s.io/v1", kind, name);
        binding["roleRef"] = new JsonObject
        {
            ["apiGroup"] = "rbac.authorization.k8s.io",
            ["kind"] = roleKind,
            ["name"] = role,
        };
        binding["subjects"] = new JsonArray([.. subjects.Select(subject => subject.DeepClone())]);
        return binding;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        File.Delete(_authorityFile);
        if (_ownsCluster)
        {
            await Cluster.DisposeAsync();
            return;
        }

        foreach (var path in new[] { "clusterrolebindings", "clusterroles" })
        {
            foreach (var item in await AllAsync(KubernetesCluster.Rbac + path))
            {
                var name = (string)item["metadata"]!["name"]!;
                var role = (string?)item["roleRef"]?["name"] ?? "";
                if (name.EndsWith(Namespace, StringComparison.Ordinal) || role.EndsWith(Namespace, StringComparison.Ordinal))
                {
                    await Cluster.DoAsync("DELETE", $"{KubernetesCluster.Rbac}{path}/{Uri.EscapeDataString(name)}");
                }
            }
        }

        await Cluster.DoAsync("DELETE", "/api/v1/namespaces/" + Namespace);
    }

    public static (string? Namespace, string Kind, string Name) Parts(string privilege) =>
        privilege.Split('/') switch
        {
            [var space, "role", var name] => (space, "Role", name),
            [var space, "clusterrole", var name] => (space, "ClusterRole", name),
            [_, var name] => (null, "ClusterRole", name),
            _ => throw new ArgumentException("Not a privilege.", nameof(privilege)),
        };

    private static string AccountOf(JsonNode subject) =>
        (string?)subject["kind"] == "ServiceAccount"
            ? $"{ServiceAccountPrefix}{(string?)subject["namespace"]}:{(string?)subject["name"]}"
            : (string)subject["name"]!;

    private static string PrivilegeOf(JsonObject binding)
    {
        var role = $"{((string)binding["roleRef"]!["kind"]!).ToLowerInvariant()}/{(string?)binding["roleRef"]!["name"]}";
        return (string?)binding["metadata"]!["namespace"] is { Length: > 0 } space ? $"{space}/{role}" : role;
    }

    private static JsonObject ServiceAccount(string space, string name) =>
        new()
        {
            ["kind"] = "ServiceAccount",
            ["name"] = name,
            ["namespace"] = space,
        };

    /// <summary>The cluster role of the README, so that what it promises is what is tested.</summary>
    private static JsonObject Manifest()
    {
        var readme = File.ReadAllText(RepositoryRoot.File("services", "Issuance", "README.md"));
        var yaml = new YamlStream();
        yaml.Load(new StringReader(YamlBlock.Match(readme).Groups["yaml"].Value));
        return (JsonObject)ToJson(yaml.Documents[0].RootNode)!;
    }

    private static JsonNode? ToJson(YamlNode node) =>
        node switch
        {
            YamlMappingNode map => new JsonObject(
                map.Children.Select(child => KeyValuePair.Create(((YamlScalarNode)child.Key).Value!, ToJson(child.Value)))
            ),
            YamlSequenceNode list => new JsonArray([.. list.Select(ToJson)]),
            YamlScalarNode scalar => JsonValue.Create(scalar.Value),
            _ => null,
        };

    private static async Task<string> TokenAsync(KubernetesCluster cluster, string space, string account)
    {
        var answer = await cluster.DoAsync(
            "POST",
            $"/api/v1/namespaces/{space}/serviceaccounts/{account}/token",
            new JsonObject
            {
                ["apiVersion"] = "authentication.k8s.io/v1",
                ["kind"] = "TokenRequest",
                ["spec"] = new JsonObject { ["expirationSeconds"] = 3600 },
            }
        );
        return (string)answer["status"]!["token"]!;
    }

    private string Next() => Interlocked.Increment(ref _names).ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9.-]*[a-z0-9])?\z", RegexOptions.ExplicitCapture, 100)]
    private static partial Regex Subdomain { get; }

    [GeneratedRegex(@"```yaml\n(?<yaml>apiVersion: rbac[^`]*)```", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex YamlBlock { get; }
}
