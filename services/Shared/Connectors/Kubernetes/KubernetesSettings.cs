using System.Data.Common;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Governance.Connectors.Kubernetes;

/// <summary>
/// <c>Server=https://…;CertificateAuthority=FILE;TokenFile=FILE</c> (or <c>Token</c>), <c>Kubeconfig=FILE;Context=NAME</c>, or
/// <c>InCluster=true</c>. Only these files are read, and those that a kubeconfig names.
/// </summary>
internal static class KubernetesSettings
{
    private const string ServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/";

    private static readonly string[] Ways = ["Server", "Kubeconfig", "InCluster"];

    private static readonly string[] Known = ["Server", "CertificateAuthority", "Token", "TokenFile", "Kubeconfig", "Context", "InCluster"];

    public static IEnumerable<string> Validate(ConnectorSettings settings) => Read(settings).Errors;

    public static KubernetesAccess Parse(ConnectorSettings settings) =>
        Read(settings) is { Access: { } access }
            ? access
            : throw new InvalidOperationException($"The settings of target '{settings.Target}' are not valid.");

    private static (KubernetesAccess? Access, List<string> Errors) Read(ConnectorSettings settings)
    {
        DbConnectionStringBuilder values;
        try
        {
            values = new DbConnectionStringBuilder { ConnectionString = settings.ConnectionString };
        }
        catch (ArgumentException)
        {
            return (null, ["is not of the form Key=Value;… (the value is not shown, since it may hold a token)"]);
        }

        List<string> errors = [];
        errors.AddRange(
            values
                .Keys.Cast<string>()
                .Where(key => !Known.Contains(key, StringComparer.OrdinalIgnoreCase))
                .Select(key => $"has an unknown key '{key}'")
        );
        var ways = Ways.Count(values.ContainsKey);
        if (ways != 1)
        {
            errors.Add("needs one of Server, Kubeconfig and InCluster");
            return (null, errors);
        }

        var access =
            values.ContainsKey("Server") ? Direct(values, errors)
            : values.ContainsKey("Kubeconfig") ? FromKubeConfig(values, errors)
            : InCluster(values, errors);
        return errors.Count == 0 ? (access, errors) : (null, errors);
    }

    private static KubernetesAccess? Direct(DbConnectionStringBuilder values, List<string> errors)
    {
        Only(values, errors, "Server", "CertificateAuthority", "Token", "TokenFile");
        var token = Text(values, "Token");
        var tokenFile = Text(values, "TokenFile");
        if (token is null == tokenFile is null)
        {
            errors.Add("needs one of Token and TokenFile");
        }

        if (token is not null && !KubernetesAccess.IsToken(token))
        {
            errors.Add("has a Token that is no bearer token");
        }

        if (tokenFile is not null && !File.Exists(tokenFile))
        {
            errors.Add("names a TokenFile that is not there");
        }

        return ServerOf(Text(values, "Server"), errors) is { } server
            ? new()
            {
                Server = server,
                Authorities = Text(values, "CertificateAuthority") is { } file ? Authorities(file, errors) : null,
                Token = token,
                TokenFile = tokenFile,
            }
            : null;
    }

    private static KubernetesAccess? FromKubeConfig(DbConnectionStringBuilder values, List<string> errors)
    {
        Only(values, errors, "Kubeconfig", "Context");
        return KubeConfig.Read(Text(values, "Kubeconfig")!, Text(values, "Context"), errors);
    }

    private static KubernetesAccess? InCluster(DbConnectionStringBuilder values, List<string> errors)
    {
        Only(values, errors, "InCluster");
        var host = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");
        var port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT");
        if (!bool.TryParse(Text(values, "InCluster"), out var inCluster) || !inCluster)
        {
            errors.Add("has an InCluster that is not 'true'");
        }
        else if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port) || !File.Exists(ServiceAccount + "token"))
        {
            errors.Add("says InCluster, but this is no pod with a token of its ServiceAccount");
        }
        else
        {
            var literal = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
            return new()
            {
                Server = new Uri($"https://{literal}:{port}/"),
                Authorities = Authorities(ServiceAccount + "ca.crt", errors),
                TokenFile = ServiceAccount + "token",
            };
        }

        return null;
    }

    /// <summary>The address, with a slash at the end; null with an error when it is none.</summary>
    public static Uri? ServerOf(string? server, List<string> errors)
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

        errors.Add("has a Server that is not https://HOST[:PORT][/PATH]");
        return null;
    }

    private static X509Certificate2Collection? Authorities(string file, List<string> errors)
    {
        try
        {
            return Certificates(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            errors.Add("names a CertificateAuthority that is no readable file with PEM certificates");
            return null;
        }
    }

    public static X509Certificate2Collection Certificates(string pem)
    {
        var found = new X509Certificate2Collection();
        found.ImportFromPem(pem);
        return found.Count > 0 ? found : throw new CryptographicException("There is no certificate.");
    }

    private static void Only(DbConnectionStringBuilder values, List<string> errors, string way, params string[] others) =>
        errors.AddRange(
            Known
                .Where(key => values.ContainsKey(key) && key != way && !others.Contains(key))
                .Select(key => $"has {key}, which does not go with {way}")
        );

    private static string? Text(DbConnectionStringBuilder values, string key) =>
        values.TryGetValue(key, out var value) && value is string { Length: > 0 } text ? text : null;
}
