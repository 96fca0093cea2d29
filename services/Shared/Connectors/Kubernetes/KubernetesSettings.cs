using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Governance.Connectors.Http;

namespace Governance.Connectors.Kubernetes;

/// <summary>
/// <c>Server=https://…;CertificateAuthority=FILE;TokenFile=FILE</c> (or <c>Token</c>), <c>Kubeconfig=FILE;Context=NAME</c>, or
/// <c>InCluster=true</c>. Only these files are read, and those that a kubeconfig names.
/// </summary>
internal static class KubernetesSettings
{
    private const string ServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/";

    public static IEnumerable<string> Validate(ConnectorSettings settings) => Read(settings).Errors;

    public static KubernetesAccess Parse(ConnectorSettings settings) =>
        Read(settings) is { Access: { } access }
            ? access
            : throw new InvalidOperationException($"The settings of target '{settings.Target}' are not valid.");

    private static (KubernetesAccess? Access, IReadOnlyList<string> Errors) Read(ConnectorSettings settings)
    {
        var text = new SettingsText(settings);
        var server = text.Text("Server");
        var kubeconfig = text.Text("Kubeconfig");
        var inCluster = text.Flag("InCluster", otherwise: false);
        if (text.IsReadable && (server is null ? 0 : 1) + (kubeconfig is null ? 0 : 1) + (inCluster ? 1 : 0) != 1)
        {
            text.Say("needs one of Server, Kubeconfig and InCluster=true");
        }

        // Keys that do not go with the way that was chosen are never asked for, and so are told as unknown.
        var access =
            server is not null ? Direct(text, server)
            : kubeconfig is not null ? KubeConfig.Read(kubeconfig, text.Text("Context"), text)
            : inCluster ? InCluster(text)
            : null;
        var errors = text.Errors();
        return (errors.Count == 0 ? access : null, errors);
    }

    private static KubernetesAccess? Direct(SettingsText text, string server)
    {
        var token = text.Text("Token");
        var tokenFile = text.Text("TokenFile");
        if (token is null == tokenFile is null)
        {
            text.Say("needs one of Token and TokenFile");
        }

        if (token is not null && !KubernetesAccess.IsToken(token))
        {
            text.Say("has a Token that is no bearer token");
        }

        if (tokenFile is not null && !File.Exists(tokenFile))
        {
            text.Say("names a TokenFile that is not there");
        }

        var authorities = text.Text("CertificateAuthority") is { } file ? Authorities(file, text) : null;
        return ServerOf(server, text) is { } address
            ? new()
            {
                Server = address,
                Authorities = authorities,
                Token = token,
                TokenFile = tokenFile,
            }
            : null;
    }

    private static KubernetesAccess? InCluster(SettingsText text)
    {
        var host = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");
        var port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port) || !File.Exists(ServiceAccount + "token"))
        {
            text.Say("says InCluster, but this is no pod with a token of its ServiceAccount");
            return null;
        }

        var literal = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        return new()
        {
            Server = new Uri($"https://{literal}:{port}/"),
            Authorities = Authorities(ServiceAccount + "ca.crt", text),
            TokenFile = ServiceAccount + "token",
        };
    }

    /// <summary>The address, with a slash at the end; null with an error when it is none.</summary>
    public static Uri? ServerOf(string? server, SettingsText text)
    {
        if (
            Uri.TryCreate(server, UriKind.Absolute, out var uri)
            && uri.Scheme == Uri.UriSchemeHttps
            && uri.UserInfo.Length == 0
            && uri.Query.Length == 0
            && uri.Fragment.Length == 0
        )
        {
            return new Uri(uri.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");
        }

        text.Say("has a Server that is not https://HOST[:PORT][/PATH]");
        return null;
    }

    private static X509Certificate2Collection? Authorities(string file, SettingsText text)
    {
        try
        {
            return Certificates(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            text.Say("names a CertificateAuthority that is no readable file with PEM certificates");
            return null;
        }
    }

    public static X509Certificate2Collection Certificates(string pem)
    {
        var found = new X509Certificate2Collection();
        found.ImportFromPem(pem);
        return found.Count > 0 ? found : throw new CryptographicException("There is no certificate.");
    }
}
