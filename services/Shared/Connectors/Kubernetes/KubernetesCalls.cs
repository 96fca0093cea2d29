using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Connectors.Http;

namespace Governance.Connectors.Kubernetes;

/// <summary>The calls of one attempt, one after the other; each is bounded here and at the server.</summary>
internal sealed class KubernetesCalls(
    HttpClient http,
    KubernetesAccess access,
    RateGate gate,
    AttemptDeadline? deadline,
    CancellationToken cancellationToken
)
{
    private const int PageSize = 500;
    private const int MaxListings = 3;
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(30);

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>A change was made, or may have been.</summary>
    public bool MayHaveHappened { get; private set; }

    /// <summary>The server's clock at its last answer (UTC, seconds); null when it did not say.</summary>
    public DateTimeOffset? ServerTime { get; private set; }

    /// <summary>What is left of the attempt.</summary>
    public TimeSpan Remaining => deadline?.Remaining ?? LongestCall;

    /// <summary>Gets an object; null when it is not there.</summary>
    public async Task<JsonObject?> FindAsync(string path)
    {
        var answer = await SendAsync(HttpMethod.Get, path);
        return answer.Status is HttpStatusCode.NotFound ? null : Succeeded(answer).Body;
    }

    /// <summary>Which cluster it is: the namespace kube-system is made with it and lasts as long. Null when the suite may not ask.</summary>
    public async Task<string?> IdentityAsync()
    {
        var answer = await SendAsync(HttpMethod.Get, "/api/v1/namespaces/kube-system");
        if (answer.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            return null;
        }

        return Succeeded(answer).Body["metadata"].Text("uid") is { Length: > 0 } uid
            ? "kubernetes:" + uid
            : throw new ConnectorException(ConnectorErrors.Error, "The target's namespace kube-system has no uid.", MayHaveHappened);
    }

    /// <summary>Whether the suite may change the bindings that give a privilege, as the server itself says.</summary>
    public async Task<bool> MayChangeBindingsAsync(KubernetesPrivilege privilege)
    {
        var review = new JsonObject
        {
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["kind"] = "SelfSubjectAccessReview",
            ["spec"] = new JsonObject
            {
                ["resourceAttributes"] = new JsonObject
                {
                    ["group"] = KubernetesPrivilege.Group,
                    ["resource"] = privilege.Namespace is null ? "clusterrolebindings" : "rolebindings",
                    ["verb"] = "update",
                    ["namespace"] = privilege.Namespace ?? "",
                },
            },
        };
        var answer = Succeeded(
            await SendAsync(HttpMethod.Post, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review, changes: false)
        );
        return answer.Body["status"]?["allowed"] is JsonValue allowed && allowed.TryGetValue<bool>(out var may) && may;
    }

    /// <summary>Every binding of a collection, in the order of their names, as it was at one moment.</summary>
    public async Task<List<KubernetesBinding>> EveryAsync(string path)
    {
        for (var listing = 1; listing <= MaxListings; listing++)
        {
            if (await TryListAsync(path) is { } found)
            {
                return found;
            }
        }

        throw new ConnectorException(
            ConnectorErrors.Error,
            "The target forgets what it began to list before the end is reached.",
            MayHaveHappened,
            isTransient: true
        );
    }

    /// <summary>One page of a collection, or the server's reason why not.</summary>
    public Task<KubernetesAnswer> PageAsync(string path, string? next, string query = "", int limit = PageSize) =>
        SendAsync(
            HttpMethod.Get,
            path,
            query: $"limit={limit.ToString(CultureInfo.InvariantCulture)}{query}{(next is null ? "" : "&continue=" + Uri.EscapeDataString(next))}"
        );

    public static IEnumerable<KubernetesBinding> ItemsOf(KubernetesAnswer page) =>
        (page.Body["items"] as JsonArray ?? []).OfType<JsonObject>().Select(item => new KubernetesBinding(item));

    public static string? ContinueOf(KubernetesAnswer page) => page.Body["metadata"].Text("continue") is { Length: > 0 } next ? next : null;

    /// <summary>The answer if it is a success.</summary>
    /// <exception cref="ConnectorException">It is not.</exception>
    public KubernetesAnswer Succeeded(KubernetesAnswer answer) =>
        answer.IsSuccess ? answer : throw KubernetesErrors.Translate(answer, MayHaveHappened);

    /// <summary>Asks, again where the server asks to wait for a moment.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Where.</param>
    /// <param name="body">What is sent; null for nothing.</param>
    /// <param name="query">Further parameters.</param>
    /// <param name="changes">Whether a body changes something; a question has one as well.</param>
    public async Task<KubernetesAnswer> SendAsync(
        HttpMethod method,
        string path,
        JsonObject? body = null,
        string query = "",
        bool changes = true
    )
    {
        for (var limited = 1; ; limited++)
        {
            await PassAsync();
            var answer = await SendOnceAsync(method, path, body, query, changes && body is not null);
            if (answer is { Status: HttpStatusCode.TooManyRequests } or { Status: HttpStatusCode.ServiceUnavailable, RetryAfter: not null })
            {
                gate.Close(answer.RetryAfter ?? RateGate.Unsaid);
            }

            if (answer.Status is not HttpStatusCode.TooManyRequests || limited == RateGate.MaxLimited)
            {
                return answer;
            }
        }
    }

    // All that changes something has a body, so it is never sent a second time by itself, and not at all after the attempt's end.
    private static bool WasSent(HttpRequestMessage request) => request.Content is ChangeContent { Sent: true };

    private async Task PassAsync()
    {
        try
        {
            await gate.PassAsync(Remaining < LongestCall ? Remaining : LongestCall, cancellationToken);
        }
        catch (ConnectorException e) when (MayHaveHappened)
        {
            throw new ConnectorException(e.Code, e.Message, MayHaveHappened, e.IsTransient);
        }
    }

    private async Task<KubernetesAnswer> SendOnceAsync(HttpMethod method, string path, JsonObject? body, string query, bool changes)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var limit = Remaining < LongestCall ? Remaining : LongestCall;
        if (limit <= TimeSpan.Zero)
        {
            throw new ConnectorException(
                ConnectorErrors.Timeout,
                "The attempt's time was over before the target was asked.",
                MayHaveHappened
            );
        }

        using var request = await RequestAsync(method, path, body, query, changes, limit);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(limit);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, end.Token);
            var answer = await ReadAsync(response, end.Token);
            ServerTime = response.Headers.Date ?? ServerTime;
            MayHaveHappened |= changes && !KubernetesErrors.ChangedNothing(answer);
            return answer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            MayHaveHappened |= WasSent(request);
            throw HttpErrors.TimedOut(MayHaveHappened);
        }
        catch (HttpRequestException e)
        {
            MayHaveHappened |= WasSent(request);
            throw KubernetesErrors.Translate(e, MayHaveHappened);
        }
        catch (ConnectorException e) when (e.MayHaveHappened != MayHaveHappened)
        {
            throw new ConnectorException(e.Code, e.Message, MayHaveHappened, e.IsTransient);
        }
    }

    private async Task<List<KubernetesBinding>?> TryListAsync(string path)
    {
        var found = new List<KubernetesBinding>();
        string? next = null;
        do
        {
            var answer = await PageAsync(path, next);
            if (answer.Status is HttpStatusCode.Gone)
            {
                return null;
            }

            found.AddRange(ItemsOf(Succeeded(answer)));
            next = ContinueOf(answer);
        } while (next is not null);

        return found;
    }

    private async Task<HttpRequestMessage> RequestAsync(
        HttpMethod method,
        string path,
        JsonObject? body,
        string query,
        bool changes,
        TimeSpan limit
    )
    {
        // The server gives up then too, counted from when it hears of the call.
        var milliseconds = Math.Max(1, (long)limit.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        var strict = !changes || method == HttpMethod.Delete ? "" : "&fieldValidation=Strict&fieldManager=governance";
        var parameters = $"?timeout={milliseconds}ms{strict}{(query.Length > 0 ? "&" + query : "")}";
        var request = new HttpRequestMessage(method, path.TrimStart('/') + parameters);
        request.Headers.Accept.Add(new("application/json"));
        request.Headers.UserAgent.Add(new("governance", null));
        request.Headers.Authorization = await access.AuthorizationAsync(cancellationToken);
        if (body is not null)
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(body);
            request.Content = changes
                ? new ChangeContent(bytes, "application/json", deadline!)
                : new ByteArrayContent(bytes) { Headers = { ContentType = new("application/json") } };
        }

        return request;
    }

    private async Task<KubernetesAnswer> ReadAsync(HttpResponseMessage response, CancellationToken token)
    {
        await using var content = await response.Content.ReadAsStreamAsync(token);
        if (await ParseAsync(content, token) is { } body)
        {
            return new(response.StatusCode, body, gate.AskedBy(response));
        }

        // A failure is told by its status; what a change did is read back.
        return response.RequestMessage?.Content is ChangeContent || !response.IsSuccessStatusCode
            ? new(response.StatusCode, [], gate.AskedBy(response))
            : throw new ConnectorException(ConnectorErrors.Error, "The target's answer can't be read.", MayHaveHappened);
    }

    private static async Task<JsonObject?> ParseAsync(Stream content, CancellationToken token)
    {
        try
        {
            return await JsonNode.ParseAsync(content, null, Strict, token) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
