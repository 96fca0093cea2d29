using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Governance.Targets.Kubernetes;

/// <summary>A cluster as its administrator has it.</summary>
public abstract class KubernetesCluster : IAsyncDisposable
{
    public const string Rbac = "/apis/rbac.authorization.k8s.io/v1/";

    private HttpClient? _admin;

    /// <summary>The API server.</summary>
    public abstract Uri Address { get; }

    /// <summary>PEM of the authorities that may have signed its certificate.</summary>
    protected abstract string Authority { get; }

    protected virtual string? AdminToken => null;

    protected virtual X509Certificate2? AdminCertificate => null;

    /// <summary>A client without credentials.</summary>
    public HttpClient CreateClient() => new(CreateHandler(null)) { BaseAddress = Address };

    /// <summary>Sends what the administrator wants.</summary>
    public async Task<(HttpStatusCode Status, JsonObject Body)> SendAsync(
        string method,
        string path,
        JsonNode? body = null,
        string? token = null
    )
    {
        _admin ??= new HttpClient(CreateHandler(AdminCertificate)) { BaseAddress = Address };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if ((token ?? AdminToken) is { } bearer)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        }

        if (body is not null)
        {
            request.Content = new StringContent(
                body.ToJsonString(),
                System.Text.Encoding.UTF8,
                new MediaTypeHeaderValue("application/json")
            );
        }

        using var response = await _admin.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text)!.AsObject() : []);
    }

    /// <summary>Sends what has to succeed.</summary>
    public async Task<JsonObject> DoAsync(string method, string path, JsonNode? body = null)
    {
        var (status, answer) = await SendAsync(method, path, body);
        return (int)status is >= 200 and < 300
            ? answer
            : throw new InvalidOperationException($"{method} {path}: {(int)status} {answer.ToJsonString()}");
    }

    /// <summary>Creates an object, or leaves the one that is there.</summary>
    public async Task EnsureAsync(string path, JsonNode body)
    {
        var (status, answer) = await SendAsync("POST", path, body);
        if (status is not (HttpStatusCode.Created or HttpStatusCode.Conflict))
        {
            throw new InvalidOperationException($"{path}: {(int)status} {answer.ToJsonString()}");
        }
    }

    public virtual ValueTask DisposeAsync()
    {
        _admin?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private SocketsHttpHandler CreateHandler(X509Certificate2? certificate)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(Authority);
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        if (certificate is not null)
        {
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        return handler;
    }
}
