using Governance.Connectors.Kubernetes;
using Governance.Targets.Kubernetes.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Connectors.Tests.Kubernetes;

public sealed class KubernetesSettings_Specs
{
    private string _directory = null!;
    private string _authority = null!;

    [SetUp]
    public async Task CreateAsync()
    {
        _directory = Directory.CreateTempSubdirectory("governance-kube").FullName;
        await using var server = new WebServer(_ => { });
        _authority = server.Authority;
        await File.WriteAllTextAsync(InDirectory("ca.pem"), _authority);
        await File.WriteAllTextAsync(InDirectory("token"), "a.b.c");
    }

    [TearDown]
    public void Delete() => Directory.Delete(_directory, recursive: true);

    [TestCase("Server=https://cluster.example:6443;CertificateAuthority=DIR/ca.pem;TokenFile=DIR/token")]
    [TestCase("Server=https://cluster.example/k8s/clusters/c-1;Token=a.b.c")]
    public void Should_take(string connectionString) => Assert.That(Validate(connectionString), Is.Empty);

    [TestCase("", "needs one of Server, Kubeconfig and InCluster=true")]
    [TestCase("Server=https://c;Token=a;InCluster=true", "needs one of Server, Kubeconfig and InCluster=true")]
    [TestCase("Server=http://c;Token=a", "has a Server that is not https://HOST[:PORT][/PATH]")]
    [TestCase("Server=https://user:hunter2@c;Token=a", "has a Server that is not https://HOST[:PORT][/PATH]")]
    [TestCase("Server=https://c?x=hunter2;Token=a", "has a Server that is not https://HOST[:PORT][/PATH]")]
    [TestCase("Server=https://c", "needs one of Token and TokenFile")]
    [TestCase("Server=https://c;Token=a;TokenFile=DIR/token", "needs one of Token and TokenFile")]
    [TestCase("Server=https://c;Token=hunter2 hunter2", "has a Token that is no bearer token")]
    [TestCase("Server=https://c;TokenFile=DIR/none", "names a TokenFile that is not there")]
    [TestCase(
        "Server=https://c;Token=a;CertificateAuthority=DIR/none",
        "names a CertificateAuthority that is no readable file with PEM certificates"
    )]
    [TestCase(
        "Server=https://c;Token=a;CertificateAuthority=DIR/token",
        "names a CertificateAuthority that is no readable file with PEM certificates"
    )]
    [TestCase("Server=https://c;Token=a;SkipTlsVerify=true", "has an unknown key 'skiptlsverify'")]
    [TestCase("Server=https://c;Token=a;Context=x", "has an unknown key 'context'")]
    [TestCase("InCluster=true", "says InCluster, but this is no pod with a token of its ServiceAccount")]
    [TestCase("InCluster=perhaps", "needs one of Server, Kubeconfig and InCluster=true")]
    [TestCase("Kubeconfig=DIR/none", "names a Kubeconfig that can't be read, or that names files or certificates that can't be read")]
    public void Should_refuse(string connectionString, string error)
    {
        var errors = Validate(connectionString);
        Assert.That(errors, Does.Contain(error));
        Assert.That(errors, Has.None.Contains("hunter2").And.None.Contains(_directory));
    }

    [TestCase("token: a.b.c")]
    [TestCase("tokenFile: token")]
    public void Should_take_a_kubeconfig(string user)
    {
        Assert.That(ValidateKubeconfig("certificate-authority: ca.pem", user), Is.Empty);
        var data = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(_authority));
        Assert.That(ValidateKubeconfig($"certificate-authority-data: {data}", user), Is.Empty);
        Assert.That(ValidateKubeconfig("insecure-skip-tls-verify: false", user), Is.Empty);
        Assert.That(
            ValidateKubeconfig("certificate-authority: ca.pem", user, ";Context=other"),
            Does.Contain("names a Context that the Kubeconfig has not")
        );
    }

    [TestCase("insecure-skip-tls-verify: true", "token: hunter2", "insecure-skip-tls-verify")]
    [TestCase("proxy-url: http://hunter2", "token: a", "proxy-url")]
    [TestCase("tls-server-name: hunter2", "token: a", "tls-server-name")]
    [TestCase("extensions: []", "exec: {command: hunter2}", "exec")]
    [TestCase("extensions: []", "auth-provider: {name: hunter2}", "auth-provider")]
    [TestCase("extensions: []", "as: hunter2", "as")]
    [TestCase("extensions: []", "password: hunter2", "password")]
    public void Should_refuse_what_a_kubeconfig_should_not_do(string cluster, string user, string key)
    {
        var errors = ValidateKubeconfig(cluster, user);
        Assert.That(errors, Does.Contain($"names a Kubeconfig with '{key}', which is not supported"));
        Assert.That(errors, Has.None.Contains("hunter2"));
    }

    [TestCase("{{{ hunter2")]
    [TestCase("- hunter2")]
    [TestCase("")]
    public void Should_refuse_what_is_no_kubeconfig(string text)
    {
        File.WriteAllText(InDirectory("config"), text);
        var errors = Validate("Kubeconfig=DIR/config");
        Assert.That(errors, Is.Not.Empty);
        Assert.That(errors, Has.None.Contains("hunter2"));
    }

    private List<string> ValidateKubeconfig(string cluster, string user, string more = "")
    {
        File.WriteAllText(
            InDirectory("config"),
            $$$"""
            apiVersion: v1
            kind: Config
            current-context: main
            contexts: [{name: main, context: {cluster: c, user: u, namespace: x}}]
            clusters:
              - name: c
                cluster:
                  server: https://cluster.example:6443
                  {{{cluster}}}
            users:
              - name: u
                user:
                  {{{user}}}
            """
        );
        return Validate("Kubeconfig=DIR/config" + more);
    }

    private List<string> Validate(string connectionString)
    {
        using var services = new ServiceCollection().AddKubernetesConnector().BuildServiceProvider();
        var settings = new ConnectorSettings
        {
            Target = "the-cluster",
            ConnectionString = connectionString.Replace("DIR", _directory, StringComparison.Ordinal),
            Concurrency = 4,
            ConnectTimeout = TimeSpan.FromSeconds(5),
        };
        return [.. services.GetRequiredService<ConnectorRegistration>().Validate(settings)];
    }

    private string InDirectory(string name) => Path.Combine(_directory, name);
}
