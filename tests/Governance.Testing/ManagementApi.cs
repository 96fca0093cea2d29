using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Serialization;

namespace Governance.Testing;

/// <summary>The part of RabbitMQ's management API that tests need. Virtual hosts are given by name, unescaped.</summary>
public sealed class ManagementApi : IDisposable
{
    private readonly HttpClient http;
    private readonly string user;

    /// <summary>A client of the API at <paramref name="address"/>, as an administrator.</summary>
    public ManagementApi(Uri address, string user, string password)
    {
        this.user = user;
        Address = address;
        Password = password;
        http = new HttpClient { BaseAddress = new Uri(address, "api/"), Timeout = TimeSpan.FromSeconds(30) };
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", credentials);
    }

    /// <summary>Where the management API answers, without <c>api/</c>.</summary>
    public Uri Address { get; }

    /// <summary>The administrator's name.</summary>
    public string User => user;

    /// <summary>The administrator's password.</summary>
    public string Password { get; }

    /// <summary>The broker's version, for example <c>4.0.5</c>.</summary>
    public async Task<string> ReadVersionAsync(CancellationToken cancellationToken = default) =>
        (await http.GetFromJsonAsync<Overview>(new Uri("overview", UriKind.Relative), cancellationToken))!.Version;

    /// <summary>Creates a virtual host in which this user may do everything.</summary>
    public async Task CreateVirtualHostAsync(string virtualHost, CancellationToken cancellationToken = default)
    {
        await PutAsync($"vhosts/{Escape(virtualHost)}", new { }, cancellationToken);
        await GrantAsync(virtualHost, user, ".*", ".*", ".*", cancellationToken);
    }

    /// <summary>Deletes a virtual host with all its queues, exchanges and connections, if it is there.</summary>
    public Task DeleteVirtualHostAsync(string virtualHost, CancellationToken cancellationToken = default) =>
        DeleteAsync($"vhosts/{Escape(virtualHost)}", cancellationToken);

    /// <summary>Creates a user without tags, who may do nothing yet.</summary>
    public Task CreateUserAsync(string name, string password, CancellationToken cancellationToken = default) =>
        PutAsync($"users/{Escape(name)}", new { password, tags = "" }, cancellationToken);

    /// <summary>Gives a user tags, for example <c>administrator</c>, and a password.</summary>
    public Task CreateUserAsync(string name, string password, string tags, CancellationToken cancellationToken = default) =>
        PutAsync($"users/{Escape(name)}", new { password, tags }, cancellationToken);

    /// <summary>Deletes a user with all that it may do, if it is there.</summary>
    public Task DeleteUserAsync(string name, CancellationToken cancellationToken = default) =>
        DeleteAsync($"users/{Escape(name)}", cancellationToken);

    /// <summary>All users.</summary>
    public async Task<IReadOnlyList<UserInfo>> ListUsersAsync(CancellationToken cancellationToken = default) =>
        await http.GetFromJsonAsync<List<UserInfo>>(new Uri("users", UriKind.Relative), cancellationToken) ?? [];

    /// <summary>All permissions of all users.</summary>
    public async Task<IReadOnlyList<PermissionInfo>> ListPermissionsAsync(CancellationToken cancellationToken = default) =>
        await http.GetFromJsonAsync<List<PermissionInfo>>(new Uri("permissions", UriKind.Relative), cancellationToken) ?? [];

    /// <summary>Takes a user's rights in a virtual host away, if it has some.</summary>
    public Task DenyAsync(string virtualHost, string name, CancellationToken cancellationToken = default) =>
        DeleteAsync($"permissions/{Escape(virtualHost)}/{Escape(name)}", cancellationToken);

    /// <summary>Declares a durable queue.</summary>
    public Task CreateQueueAsync(string virtualHost, string queue, CancellationToken cancellationToken = default) =>
        PutAsync($"queues/{Escape(virtualHost)}/{Escape(queue)}", new { durable = true }, cancellationToken);

    /// <summary>Gives a user rights in a virtual host, each a regular expression over the names of exchanges and queues.</summary>
    public Task GrantAsync(
        string virtualHost,
        string name,
        string configure,
        string write,
        string read,
        CancellationToken cancellationToken = default
    ) =>
        PutAsync(
            $"permissions/{Escape(virtualHost)}/{Escape(name)}",
            new
            {
                configure,
                write,
                read,
            },
            cancellationToken
        );

    /// <summary>Narrows what a user may do at a topic exchange, by routing key.</summary>
    public Task SetTopicPermissionAsync(
        string virtualHost,
        string name,
        string exchange,
        string write,
        string read,
        CancellationToken cancellationToken = default
    ) =>
        PutAsync(
            $"topic-permissions/{Escape(virtualHost)}/{Escape(name)}",
            new
            {
                exchange,
                write,
                read,
            },
            cancellationToken
        );

    /// <summary>All queues of a virtual host.</summary>
    /// <remarks>Asks for totals: the statistics that the API shows by default lag by many seconds.</remarks>
    public async Task<IReadOnlyList<QueueInfo>> ListQueuesAsync(string virtualHost, CancellationToken cancellationToken = default)
    {
        var path = new Uri($"queues/{Escape(virtualHost)}?disable_stats=true&enable_queue_totals=true", UriKind.Relative);
        return await http.GetFromJsonAsync<List<QueueInfo>>(path, cancellationToken) ?? [];
    }

    /// <summary>One queue, or null when there is none of that name.</summary>
    public async Task<QueueInfo?> FindQueueAsync(string virtualHost, string queue, CancellationToken cancellationToken = default) =>
        (await ListQueuesAsync(virtualHost, cancellationToken)).SingleOrDefault(candidate =>
            string.Equals(candidate.Name, queue, StringComparison.Ordinal)
        );

    /// <summary>The names of the open connections to a virtual host.</summary>
    public async Task<IReadOnlyList<string>> ListConnectionsAsync(string virtualHost, CancellationToken cancellationToken = default)
    {
        var path = new Uri($"vhosts/{Escape(virtualHost)}/connections", UriKind.Relative);
        var connections = await http.GetFromJsonAsync<List<Connection>>(path, cancellationToken);
        return connections is null ? [] : [.. connections.Select(connection => connection.Name)];
    }

    /// <summary>Cuts the connections to a virtual host from the broker's side.</summary>
    /// <returns>How many connections were cut; those opened in the last moments may not be listed yet.</returns>
    public async Task<int> CloseConnectionsAsync(string virtualHost, CancellationToken cancellationToken = default)
    {
        var closed = 0;
        foreach (var name in await ListConnectionsAsync(virtualHost, cancellationToken))
        {
            using var response = await http.DeleteAsync(new Uri($"connections/{Escape(name)}", UriKind.Relative), cancellationToken);
            closed += response.IsSuccessStatusCode ? 1 : 0;
        }

        return closed;
    }

    /// <inheritdoc />
    public void Dispose() => http.Dispose();

    private static string Escape(string name) => Uri.EscapeDataString(name);

    private async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await http.DeleteAsync(new Uri(path, UriKind.Relative), cancellationToken);
        if (response.StatusCode is not HttpStatusCode.NotFound)
        {
            response.EnsureSuccessStatusCode();
        }
    }

    private async Task PutAsync<T>(string path, T body, CancellationToken cancellationToken)
    {
        using var response = await http.PutAsJsonAsync(new Uri(path, UriKind.Relative), body, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    private sealed record Connection([property: JsonPropertyName("name")] string Name);

    private sealed record Overview([property: JsonPropertyName("rabbitmq_version")] string Version);
}
