using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Governance.Connectors.Http;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Governance.Connectors.Kubernetes;

/// <summary>
/// The part of a kubeconfig that says where, trusting whom, and as whom. What would run a program, turn TLS verification off or speak in
/// another's name is refused, not passed over.
/// </summary>
internal static class KubeConfig
{
    private static readonly string[] ClusterKeys =
    [
        "server",
        "certificate-authority",
        "certificate-authority-data",
        "disable-compression",
        "extensions",
    ];

    private static readonly string[] UserKeys =
    [
        "token",
        "tokenFile",
        "client-certificate",
        "client-certificate-data",
        "client-key",
        "client-key-data",
        "extensions",
    ];

    /// <summary>Reads a context, or the current one. Adds what is wrong, without a secret.</summary>
    public static KubernetesAccess? Read(string file, string? context, SettingsText text)
    {
        try
        {
            return Read(Load(file), Path.GetDirectoryName(Path.GetFullPath(file))!, context, text);
        }
        catch (Exception e)
            when (e
                    is YamlException
                        or IOException
                        or UnauthorizedAccessException
                        or CryptographicException
                        or FormatException
                        or DecoderFallbackException
            )
        {
            text.Say("names a Kubeconfig that can't be read, or that names files or certificates that can't be read");
            return null;
        }
    }

    private static KubernetesAccess? Read(YamlMappingNode config, string directory, string? context, SettingsText text)
    {
        var chosen = Named(config, "contexts", "context", context ?? Text(config, "current-context"));
        if (chosen is null)
        {
            text.Say("names a Context that the Kubeconfig has not");
            return null;
        }

        var cluster = Named(config, "clusters", "cluster", Text(chosen, "cluster"));
        var user = Named(config, "users", "user", Text(chosen, "user"));
        if (cluster is null || user is null)
        {
            text.Say("names a Context without a cluster or a user in the Kubeconfig");
            return null;
        }

        Refuse(cluster, ClusterKeys, text);
        Refuse(user, UserKeys, text);
        if (KubernetesSettings.ServerOf(Text(cluster, "server"), text) is not { } server || text.Errors().Count > 0)
        {
            return null;
        }

        var authorities = Content(cluster, "certificate-authority", directory);
        var certificate = Content(user, "client-certificate", directory);
        var key = Content(user, "client-key", directory);
        var token = Text(user, "token");
        var tokenFile = Text(user, "tokenFile");
        if (token is not null && !KubernetesAccess.IsToken(token))
        {
            text.Say("names a Kubeconfig with a token that is no bearer token");
        }
        else if (certificate is null != key is null || (certificate is null && token is null && tokenFile is null))
        {
            text.Say("names a Kubeconfig whose user has neither a token nor a certificate with its key");
        }

        return text.Errors().Count > 0
            ? null
            : new()
            {
                Server = server,
                Authorities = authorities is null ? null : KubernetesSettings.Certificates(authorities),
                ClientCertificate = certificate is null ? null : X509Certificate2.CreateFromPem(certificate, key),
                // As kubectl has it: the file goes before the token.
                TokenFile = tokenFile is null ? null : Path.Combine(directory, tokenFile),
                Token = token,
            };
    }

    private static YamlMappingNode Load(string file)
    {
        using var reader = new StreamReader(file);
        var stream = new YamlStream();
        stream.Load(reader);
        return stream.Documents is [{ RootNode: YamlMappingNode root }] ? root : throw new FormatException("Not a mapping.");
    }

    private static YamlMappingNode? Named(YamlMappingNode config, string list, string member, string? name) =>
        name is null
            ? null
            : (Child(config, list) as YamlSequenceNode)
                ?.OfType<YamlMappingNode>()
                .Where(entry => Text(entry, "name") == name)
                .Select(entry => Child(entry, member) as YamlMappingNode)
                .FirstOrDefault();

    private static void Refuse(YamlMappingNode node, string[] known, SettingsText text) =>
        node
            .Children.Select(child => (child.Key as YamlScalarNode)?.Value ?? "")
            .Where(key => !known.Contains(key, StringComparer.Ordinal) && !IsOff(node, key))
            .ToList()
            .ForEach(key => text.Say($"names a Kubeconfig with '{key}', which is not supported"));

    private static bool IsOff(YamlMappingNode node, string key) => key == "insecure-skip-tls-verify" && Text(node, key) == "false";

    private static string? Content(YamlMappingNode node, string key, string directory) =>
        Text(node, key + "-data") is { Length: > 0 } data ? Encoding.UTF8.GetString(Convert.FromBase64String(data))
        : Text(node, key) is { Length: > 0 } file ? File.ReadAllText(Path.Combine(directory, file))
        : null;

    private static string? Text(YamlMappingNode node, string key) => (Child(node, key) as YamlScalarNode)?.Value;

    private static YamlNode? Child(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;
}
