using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace Governance.Connectors.Kubernetes;

/// <summary>Where an API server is, whom to trust there, and as whom to speak.</summary>
internal sealed partial class KubernetesAccess
{
    private const int MaxTokenBytes = 65536;

    /// <summary>Ends in a slash.</summary>
    public required Uri Server { get; init; }

    /// <summary>The only authorities that may have signed the server's certificate; null for those of the system.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    public X509Certificate2? ClientCertificate { get; init; }

    public string? Token { get; init; }

    public string? TokenFile { get; init; }

    public HttpClient CreateClient(ConnectorSettings settings)
    {
        var tls = new SslClientAuthenticationOptions();
        if (Authorities is not null)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(Authorities);
        }

        if (ClientCertificate is { } certificate)
        {
            tls.ClientCertificates = [certificate];
            tls.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            // Trace ids are nobody's business at the target.
            ActivityHeadersPropagator = null,
            ConnectTimeout = settings.ConnectTimeout,
            MaxConnectionsPerServer = settings.Concurrency * 2,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            SslOptions = tls,
        };
        return new HttpClient(handler)
        {
            BaseAddress = Server,
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = 64 * 1024 * 1024,
        };
    }

    /// <summary>Reads the file each time: a ServiceAccount's token is replaced within the hour.</summary>
    /// <exception cref="ConnectorException">There is no token in it.</exception>
    public async ValueTask<AuthenticationHeaderValue?> AuthorizationAsync(CancellationToken cancellationToken)
    {
        if (TokenFile is null)
        {
            return Token is null ? null : new AuthenticationHeaderValue("Bearer", Token);
        }

        try
        {
            await using var file = File.OpenRead(TokenFile);
            if (file.Length <= MaxTokenBytes)
            {
                using var reader = new StreamReader(file);
                var token = (await reader.ReadToEndAsync(cancellationToken)).Trim();
                if (IsToken(token))
                {
                    return new AuthenticationHeaderValue("Bearer", token);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConnectorException(ConnectorErrors.Refused, "The file with the suite's token can't be read.");
        }

        throw new ConnectorException(ConnectorErrors.Refused, "The file with the suite's token holds no token.");
    }

    /// <summary>RFC 6750 b64token. Anything else would be repeated in an exception of the HTTP library.</summary>
    public static bool IsToken(string token) => TokenSyntax.IsMatch(token);

    [GeneratedRegex(@"\A[A-Za-z0-9._~+/-]+=*\z", RegexOptions.None, RegexTimeout.Milliseconds)]
    private static partial Regex TokenSyntax { get; }
}
