using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Governance.Connectors.Http;

namespace Governance.Connectors.RabbitMq;

/// <summary>The management API of a broker, as far as access needs it.</summary>
internal sealed class RabbitMqApi : IDisposable
{
    private const int MaxOne = 1 << 18;
    private const int MaxList = 1 << 25;
    private const string Json = "application/json";

    // The broker closes what is idle for a minute, and a change that was sent at that moment would be in doubt.
    private static readonly TimeSpan IdleFor = TimeSpan.FromSeconds(15);

    private readonly Uri _address;
    private readonly AuthenticationHeaderValue _authorization;
    private readonly HttpSender _sender;

    public RabbitMqApi(RabbitMqSettings rabbit, ConnectorSettings settings, TimeProvider clock)
    {
        _address = new Uri(rabbit.Url, "api/");
        _authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes($"{rabbit.Username}:{rabbit.Password}"))
        );
        var handler = HttpSender.CreateHandler(settings);
        handler.PooledConnectionIdleTimeout = IdleFor;
        _sender = new HttpSender(handler, clock, expect: false);
    }

    /// <summary>The user's permission on a virtual host; null when it has none, or there is no such user or virtual host.</summary>
    public async Task<PermissionRow?> FindPermissionAsync(
        string virtualHost,
        string user,
        AttemptDeadline? deadline,
        CancellationToken cancellationToken
    )
    {
        var answer = await AskAsync($"permissions/{Escape(virtualHost)}/{Escape(user)}", MaxOne, deadline, cancellationToken);
        if (answer.Status is HttpStatusCode.NotFound || answer is { IsSuccess: true } && IsGoneMeanwhile(answer.Body))
        {
            return null;
        }

        var row = Read<PermissionRow>(answer);
        return
            string.Equals(row.User, user, StringComparison.Ordinal) && string.Equals(row.VirtualHost, virtualHost, StringComparison.Ordinal)
            ? row
            : throw new ConnectorException(ConnectorErrors.Error, "The target answered with the permission of somebody else.");
    }

    /// <summary>Sets the user's only permission on a virtual host.</summary>
    public async Task SetPermissionAsync(
        RabbitMqPrivilege privilege,
        string user,
        AttemptDeadline deadline,
        CancellationToken cancellationToken
    )
    {
        var answer = await ChangeAsync(
            HttpMethod.Put,
            $"permissions/{Escape(privilege.VirtualHost)}/{Escape(user)}",
            new
            {
                privilege.Configure,
                privilege.Write,
                privilege.Read,
            },
            deadline,
            cancellationToken
        );
        if (answer.Status is HttpStatusCode.BadRequest)
        {
            throw await WhyNotAsync(answer, privilege, user, deadline, cancellationToken);
        }

        Expect(answer);
    }

    public Task DeletePermissionAsync(string virtualHost, string user, AttemptDeadline deadline, CancellationToken cancellationToken) =>
        DeleteAsync($"permissions/{Escape(virtualHost)}/{Escape(user)}", deadline, cancellationToken);

    /// <summary>What narrows a user's permission on a virtual host.</summary>
    public async Task<List<TopicRow>> ListTopicsAsync(string virtualHost, string user, CancellationToken cancellationToken)
    {
        var answer = await AskAsync($"topic-permissions/{Escape(virtualHost)}/{Escape(user)}", MaxOne, deadline: null, cancellationToken);
        if (answer.Status is HttpStatusCode.NotFound || answer is { IsSuccess: true } && IsGoneMeanwhile(answer.Body))
        {
            return [];
        }

        var rows = Read<List<TopicRow>>(answer);
        return rows.All(row => row.User == user && row.VirtualHost == virtualHost)
            ? rows
            : throw new ConnectorException(ConnectorErrors.Error, "The target answered with the topic permissions of somebody else.");
    }

    /// <summary>The name of the cluster, which its nodes share and keep.</summary>
    public async Task<string> ClusterNameAsync(CancellationToken cancellationToken) =>
        Read<NameRow>(await AskAsync("cluster-name", MaxOne, deadline: null, cancellationToken)).Name;

    /// <summary>The suite's own user.</summary>
    public async Task<SelfRow> WhoAmIAsync(CancellationToken cancellationToken) =>
        Read<SelfRow>(await AskAsync("whoami", MaxOne, deadline: null, cancellationToken));

    public Task<List<PermissionRow>> ListPermissionsAsync(CancellationToken cancellationToken) =>
        ListAsync<PermissionRow>("permissions", deadline: null, cancellationToken);

    /// <exception cref="ConnectorException">There is no such virtual host.</exception>
    public async Task ExpectVirtualHostAsync(string virtualHost, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync($"vhosts/{Escape(virtualHost)}", deadline, cancellationToken))
        {
            throw UnknownVirtualHost();
        }
    }

    public Task<List<NameRow>> ListUsersAsync(AttemptDeadline? deadline, CancellationToken cancellationToken) =>
        ListAsync<NameRow>("users?columns=name", deadline, cancellationToken);

    /// <summary>Makes a user, or gives an existing one another password; takes all tags away.</summary>
    /// <param name="user">The name.</param>
    /// <param name="passwordHash">What opens it; empty for nothing.</param>
    /// <param name="deadline">The attempt's end.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when somebody else made it at the same moment, and nothing was done.</returns>
    public async Task<bool> SetUserAsync(string user, string passwordHash, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        var answer = await ChangeAsync(
            HttpMethod.Put,
            $"users/{Escape(user)}",
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["password_hash"] = passwordHash,
                ["hashing_algorithm"] = RabbitMqPassword.Algorithm,
                ["tags"] = "",
            },
            deadline,
            cancellationToken
        );
        return answer.Status is not HttpStatusCode.BadRequest || Read<ProblemRow>(answer).Kind is not "user_already_exists"
            ? Expect(answer)
            : false;
    }

    public Task DeleteUserAsync(string user, AttemptDeadline deadline, CancellationToken cancellationToken) =>
        DeleteAsync($"users/{Escape(user)}", deadline, cancellationToken);

    /// <summary>A user's open connections, as the broker tracks them itself: statistics would lag.</summary>
    public Task<List<ConnectionRow>> ListConnectionsAsync(string user, AttemptDeadline? deadline, CancellationToken cancellationToken) =>
        ListAsync<ConnectionRow>($"connections/username/{Escape(user)}", deadline, cancellationToken);

    public Task CloseConnectionAsync(string name, AttemptDeadline deadline, CancellationToken cancellationToken) =>
        DeleteAsync($"connections/{Escape(name)}?disable_stats=true", deadline, cancellationToken);

    public void Dispose() => _sender.Dispose();

    // The broker looks twice, and says so when somebody took the permission, the user or the virtual host away in between.
    private static bool IsGoneMeanwhile(ReadOnlySpan<byte> body) =>
        body.SequenceEqual("\"none\""u8) || body.SequenceEqual("\"not_found\""u8);

    private static string Escape(string name) => Uri.EscapeDataString(name);

    private static ConnectorException UnknownVirtualHost() =>
        new(ConnectorErrors.UnknownPrivilege, "The privilege's virtual host does not exist.");

    private async Task<ConnectorException> WhyNotAsync(
        HttpAnswer answer,
        RabbitMqPrivilege privilege,
        string user,
        AttemptDeadline deadline,
        CancellationToken cancellationToken
    )
    {
        if (Read<ProblemRow>(answer).Kind is "invalid_regexp")
        {
            return new(ConnectorErrors.UnknownPrivilege, "The privilege has a regular expression that the target does not take.");
        }

        if (!await ExistsAsync($"vhosts/{Escape(privilege.VirtualHost)}", deadline, cancellationToken))
        {
            return UnknownVirtualHost();
        }

        return await ExistsAsync($"users/{Escape(user)}/permissions", deadline, cancellationToken)
            ? HttpErrors.FromStatus(answer.Status, change: true)
            : new(ConnectorErrors.UnknownAccount, "The account does not exist.");
    }

    private async Task<bool> ExistsAsync(string path, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(path, MaxOne, deadline, cancellationToken);
        return answer.Status is not HttpStatusCode.NotFound && Expect(answer, change: false);
    }

    private async Task<List<T>> ListAsync<T>(string path, AttemptDeadline? deadline, CancellationToken cancellationToken) =>
        Read<List<T>>(await AskAsync(path, MaxList, deadline, cancellationToken));

    private Task<HttpAnswer> AskAsync(string path, int maxBytes, AttemptDeadline? deadline, CancellationToken cancellationToken) =>
        _sender.SendAsync(() => Create(HttpMethod.Get, path), maxBytes, deadline, cancellationToken);

    private async Task DeleteAsync(string path, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        var answer = await ChangeAsync(HttpMethod.Delete, path, body: null, deadline, cancellationToken);
        if (answer.Status is HttpStatusCode.NotFound)
        {
            return;
        }

        // The broker stumbles over what somebody else takes away at the same moment.
        if (
            answer.Status is HttpStatusCode.InternalServerError
            && (await AskAsync(path, MaxOne, deadline, cancellationToken)).Status is HttpStatusCode.NotFound
        )
        {
            return;
        }

        Expect(answer);
    }

    private Task<HttpAnswer> ChangeAsync(
        HttpMethod method,
        string path,
        object? body,
        AttemptDeadline deadline,
        CancellationToken cancellationToken
    )
    {
        var bytes = body is null ? [] : JsonSerializer.SerializeToUtf8Bytes(body, WireJson.Options);
        return _sender.SendAsync(
            () =>
            {
                var request = Create(method, path);
                request.Content = new ChangeContent(bytes, Json, deadline);
                return request;
            },
            MaxOne,
            deadline,
            cancellationToken
        );
    }

    private HttpRequestMessage Create(HttpMethod method, string path)
    {
        // As written: a name must not be put in another form on its way.
        var address = new Uri(_address.AbsoluteUri + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        return new HttpRequestMessage(method, address)
        {
            Headers = { Authorization = _authorization, Accept = { new MediaTypeWithQualityHeaderValue(Json) } },
        };
    }

    private static bool Expect(HttpAnswer answer, bool change = true) =>
        answer.IsSuccess ? true : throw HttpErrors.FromStatus(answer.Status, change);

    private static T Read<T>(HttpAnswer answer)
    {
        if (answer is not { IsSuccess: true } and not { Status: HttpStatusCode.BadRequest })
        {
            throw HttpErrors.FromStatus(answer.Status, change: false);
        }

        try
        {
            // Names are bytes to the broker. One that is no text must not keep us from reading the others.
            return JsonSerializer.Deserialize<T>(Encoding.UTF8.GetString(answer.Body), WireJson.Options) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new ConnectorException(ConnectorErrors.Error, "The target's answer is none of RabbitMQ's management API.");
        }
    }
}
