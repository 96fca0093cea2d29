using System.Security.Cryptography.X509Certificates;
using System.Text;
using Governance.Targets.Kubernetes;
using Governance.Testing;
using Testcontainers.K3s;
using YamlDotNet.Serialization;

namespace Governance.Connectors.Tests.Kubernetes;

/// <summary>
/// A real cluster: the one that <c>GOVERNANCE_TESTS_KUBECONFIG</c> names a kubeconfig of, with certificates or a token in the file itself,
/// or K3s in a container where an engine has its image. <c>GOVERNANCE_TESTS_PULL=1</c> lets the engine pull it.
/// </summary>
public sealed class KubeconfigCluster : KubernetesCluster
{
    private const string Image = "rancher/k3s:v1.34.1-k3s1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PullPatience = TimeSpan.FromMinutes(10);

    private readonly K3sContainer? _container;

    private KubeconfigCluster(string kubeconfig, K3sContainer? container)
    {
        _container = container;
        var config = new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(kubeconfig);
        var cluster = Only(config, "clusters", "cluster");
        var user = Only(config, "users", "user");
        Address = new Uri((string)cluster["server"]);
        Authority = Decoded(cluster, "certificate-authority-data")!;
        AdminToken = (string?)user.GetValueOrDefault("token");
        AdminCertificate = Decoded(user, "client-certificate-data") is { } certificate
            ? X509Certificate2.CreateFromPem(certificate, Decoded(user, "client-key-data"))
            : null;
    }

    public override Uri Address { get; }

    protected override string Authority { get; }

    protected override string? AdminToken { get; }

    protected override X509Certificate2? AdminCertificate { get; }

    /// <summary>Starts or finds it; skips the running fixture, with the reason, where there is none.</summary>
    public static async Task<KubernetesCluster> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("GOVERNANCE_TESTS_KUBECONFIG") is { Length: > 0 } file)
        {
            return new KubeconfigCluster(await File.ReadAllTextAsync(file), null);
        }

        var pull = string.Equals(Environment.GetEnvironmentVariable("GOVERNANCE_TESTS_PULL"), "1", StringComparison.Ordinal);
        var there = pull
            ? await DockerAsync(["pull", "--quiet", Image], PullPatience)
            : await DockerAsync(["image", "inspect", "--format", "{{.Id}}", Image], Patience);
        if (!there)
        {
            Assert.Ignore($"No container engine here has {Image}, and GOVERNANCE_TESTS_KUBECONFIG names no cluster.");
        }

        var container = new K3sBuilder(Image).Build();
        await container.StartAsync();
        return new KubeconfigCluster(await container.GetKubeconfigAsync(), container);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_container is not null)
        {
            await _container.DisposeAsync();
        }
    }

    private static async Task<bool> DockerAsync(string[] arguments, TimeSpan patience) =>
        (await Command.RunAsync("docker", arguments, patience)).Succeeded;

    private static Dictionary<object, object> Only(Dictionary<object, object> config, string list, string member) =>
        (Dictionary<object, object>)((Dictionary<object, object>)((List<object>)config[list]).Single())[member];

    private static string? Decoded(Dictionary<object, object> node, string key) =>
        node.TryGetValue(key, out var value) ? Encoding.UTF8.GetString(Convert.FromBase64String((string)value)) : null;
}
