using System.Security.Cryptography;
using System.Text;
using Governance.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Governance.Targets.RabbitMq;

/// <summary>A real broker as its administrator has it. A privilege is to read the queue <c>inbox</c> of a virtual host.</summary>
public sealed class Broker : IAsyncDisposable
{
    public const string Queue = "inbox";
    public const string Password = "the account's own";

    private const string NoText = "%E2%82%28";

    private readonly List<string> _virtualHosts = [];
    private readonly List<string> _users = [];
    private readonly Lock _lock = new();
    private readonly Uri _amqp;
    private bool _noText;

    private Broker(Uri amqp) => _amqp = amqp;

    public static ManagementApi Management => SuiteServers.Current.Management;

    /// <summary>An administrator of the suite's own.</summary>
    public string Administrator { get; private set; } = null!;

    /// <summary>Users that were created here, the administrator among them.</summary>
    public IReadOnlyList<string> Users
    {
        get
        {
            lock (_lock)
            {
                return [.. _users];
            }
        }
    }

    public string AdministratorPassword { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    public static async Task<Broker> CreateAsync()
    {
        var broker = new Broker(new Uri(await SuiteServers.Current.CreateVirtualHostAsync("connectors")));
        broker._virtualHosts.Add(Uri.UnescapeDataString(broker._amqp.AbsolutePath[1..]));
        broker.Administrator = Unique("suite");
        broker._users.Add(broker.Administrator);
        await Management.CreateUserAsync(broker.Administrator, broker.AdministratorPassword, "administrator");
        return broker;
    }

    public static string Unique(string like) => like + "_" + RandomNumberGenerator.GetHexString(8, lowercase: true);

    public string ConnectionString(int port, string scheme = "http") =>
        $"Url={scheme}://127.0.0.1:{port}/;AllowHttp=true;Username={Administrator};Password={AdministratorPassword}";

    public async Task<string?> CreateUserAsync(string like)
    {
        var name = Unique(like);
        if (!CanBeName(name))
        {
            return null;
        }

        lock (_lock)
        {
            _users.Add(name);
        }

        await Management.CreateUserAsync(name, Password);
        return name;
    }

    /// <summary>A user whose name is no UTF-8, with a permission to read everything.</summary>
    public async Task CreateUserThatIsNoTextAsync(string virtualHost)
    {
        await RawAsync(HttpMethod.Put, "users/" + NoText, """{"password_hash":"","tags":""}""");
        await RawAsync(
            HttpMethod.Put,
            $"permissions/{Uri.EscapeDataString(virtualHost)}/{NoText}",
            """{"configure":"^$","write":"^$","read":".*"}"""
        );
        _noText = true;
    }

    public async Task<string?> CreateVirtualHostAsync(string like)
    {
        var name = Unique(like);
        if (!CanBeName(name))
        {
            return null;
        }

        lock (_lock)
        {
            _virtualHosts.Add(name);
        }

        await Management.CreateVirtualHostAsync(name);
        await Management.CreateQueueAsync(name, Queue);
        return name;
    }

    public static async Task<PermissionInfo?> FindPermissionAsync(string user, string virtualHost) =>
        (await Management.ListPermissionsAsync()).SingleOrDefault(row =>
            string.Equals(row.User, user, StringComparison.Ordinal) && string.Equals(row.VirtualHost, virtualHost, StringComparison.Ordinal)
        );

    /// <summary>Permissions of anybody in virtual hosts that were created here, and of users that were created here anywhere.</summary>
    public async Task<IReadOnlyList<PermissionInfo>> PermissionsAsync()
    {
        var (users, virtualHosts) = (Users.ToHashSet(StringComparer.Ordinal), _virtualHosts.ToHashSet(StringComparer.Ordinal));
        return
        [
            .. (await Management.ListPermissionsAsync()).Where(row =>
                row.User != Management.User && (virtualHosts.Contains(row.VirtualHost) || users.Contains(row.User))
            ),
        ];
    }

    /// <summary>Null when the broker refuses.</summary>
    public async Task<BrokerSession?> LogInAsync(string user, string password, string virtualHost)
    {
        var factory = new ConnectionFactory
        {
            HostName = _amqp.Host,
            Port = _amqp.Port,
            UserName = user,
            Password = password,
            VirtualHost = virtualHost,
            AutomaticRecoveryEnabled = false,
        };
        try
        {
            var connection = await factory.CreateConnectionAsync();
            return new BrokerSession(connection, await connection.CreateChannelAsync());
        }
        catch (BrokerUnreachableException e) when (e.InnerException is AuthenticationFailureException)
        {
            return null;
        }
        catch (Exception e) when (e is OperationInterruptedException || e.InnerException is OperationInterruptedException)
        {
            // The client hears of it with the first answer or with the second.
            var refusal = e as OperationInterruptedException ?? (OperationInterruptedException)e.InnerException!;
            Assert.That(refusal.ShutdownReason?.ReplyCode, Is.EqualTo(Constants.NotAllowed));
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_noText)
        {
            await RawAsync(HttpMethod.Delete, "users/" + NoText, "");
        }

        foreach (var user in _users)
        {
            await Management.DeleteUserAsync(user);
        }

        foreach (var virtualHost in _virtualHosts)
        {
            await Management.DeleteVirtualHostAsync(virtualHost);
        }
    }

    private static async Task RawAsync(HttpMethod method, string path, string body)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(
            method,
            new Uri(
                Management.Address.AbsoluteUri + "api/" + path,
                new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }
            )
        )
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Headers =
            {
                Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Management.User}:{Management.Password}"))),
            },
        };
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    private static bool CanBeName(string name) => Encoding.UTF8.GetByteCount(name) <= 255 && !name.Any(char.IsControl);
}
