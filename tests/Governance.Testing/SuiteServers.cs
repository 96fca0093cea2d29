using System.Security.Cryptography;
using Npgsql;

namespace Governance.Testing;

/// <summary>
/// One RabbitMQ and two PostgreSQL clusters for the tests of an assembly: containers where a Docker engine has the images,
/// else private native servers. Everything is gone when the test process is.
/// </summary>
public abstract class SuiteServers : IAsyncDisposable
{
    private const string ServiceRole = "governance";
    private static SuiteServers? current;
    private readonly string serviceRolePassword = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly SemaphoreSlim serviceRoleLock = new(1, 1);
    private bool serviceRoleCreated;

    /// <summary>The servers that the assembly's <see cref="SuiteServersSetUp"/> started.</summary>
    /// <exception cref="InvalidOperationException">No set-up fixture covers the running test.</exception>
    public static SuiteServers Current =>
        current
        ?? throw new InvalidOperationException(
            $"No servers are running: derive a [SetUpFixture] from {nameof(SuiteServersSetUp)} in the namespace of these tests."
        );

    /// <summary>"containers" or "native".</summary>
    public abstract string Kind { get; }

    /// <summary>The suite's cluster as its superuser, database <c>postgres</c>.</summary>
    public abstract string PostgresConnectionString { get; }

    /// <summary>The target's cluster as its superuser, database <c>postgres</c>.</summary>
    public abstract string TargetConnectionString { get; }

    /// <summary>The broker's management API, as an administrator.</summary>
    public abstract ManagementApi Management { get; }

    /// <summary>The broker's address with credentials and without a virtual host: <c>amqp://user:password@host:port</c>.</summary>
    protected abstract string BrokerUrl { get; }

    /// <summary>Starts servers of the kind that works here and makes them <see cref="Current"/>.</summary>
    /// <param name="versions">Which.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ServersUnavailableException">Neither kind works; the message says in one line what to install.</exception>
    public static async Task<SuiteServers> StartAsync(ServerVersions versions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(versions);
        return current = await ContainerServers.CanStartAsync(versions, cancellationToken)
            ? await ContainerServers.StartAsync(versions, cancellationToken)
            : await NativeServers.StartAsync(versions, cancellationToken);
    }

    /// <summary>
    /// Creates a database in the suite's cluster, owned by a role without further rights, as a service has it in production.
    /// </summary>
    /// <returns>The owner's connection string.</returns>
    public async Task<string> CreateDatabaseAsync(string prefix, CancellationToken cancellationToken = default)
    {
        await EnsureServiceRoleAsync(cancellationToken);
        var name = UniqueName(prefix);
        await ExecuteAsync(PostgresConnectionString, $"""CREATE DATABASE "{name}" OWNER {ServiceRole}""", cancellationToken);
        return new NpgsqlConnectionStringBuilder(PostgresConnectionString)
        {
            Database = name,
            Username = ServiceRole,
            Password = serviceRolePassword,
        }.ConnectionString;
    }

    /// <summary>Creates a database in the target's cluster.</summary>
    /// <returns>The superuser's connection string to it.</returns>
    public Task<string> CreateTargetDatabaseAsync(string prefix, CancellationToken cancellationToken = default) =>
        CreateDatabaseAsync(TargetConnectionString, prefix, cancellationToken);

    /// <summary>
    /// Connections for polling: one for each look costs the server many times what the look does. What is idle for a second
    /// is closed, so that nothing is left of a server that was killed.
    /// </summary>
    public static NpgsqlDataSource OpenForPolling(string connectionString) =>
        NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(connectionString)
            {
                ConnectionIdleLifetime = 1,
                ConnectionPruningInterval = 1,
            }.ConnectionString
        );

    /// <summary>Creates a virtual host in which the broker's user may do everything.</summary>
    /// <returns>The AMQP URL, with credentials.</returns>
    public async Task<string> CreateVirtualHostAsync(string prefix, CancellationToken cancellationToken = default)
    {
        var name = UniqueName(prefix);
        await Management.CreateVirtualHostAsync(name, cancellationToken);
        return $"{BrokerUrl}/{Uri.EscapeDataString(name)}";
    }

    /// <summary>Cuts all connections to a database of either cluster from the server's side.</summary>
    /// <param name="connectionString">Names the cluster and the database; the caller needs no rights of its own.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How many connections were cut.</returns>
    public async Task<int> CutConnectionsAsync(string connectionString, CancellationToken cancellationToken = default)
    {
        var wanted = new NpgsqlConnectionStringBuilder(connectionString);
        var target = new NpgsqlConnectionStringBuilder(TargetConnectionString);
        await using var connection = await OpenAsync(
            wanted.Port == target.Port ? TargetConnectionString : PostgresConnectionString,
            cancellationToken
        );
        await using var command = new NpgsqlCommand(
            "SELECT count(pg_terminate_backend(pid))::int FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()",
            connection
        )
        {
            Parameters = { new() { Value = wanted.Database } },
        };
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Shuts a server down in an orderly way. Returns when it is down.</summary>
    public abstract Task StopAsync(SuiteServer server, CancellationToken cancellationToken = default);

    /// <summary>Kills a server with SIGKILL, as a crash would. Returns when it is down.</summary>
    /// <remarks>
    /// RabbitMQ keeps the names of quorum queues in a file that it flushes only every half second: a queue declared in the last
    /// moment before the kill comes back empty, although its messages were confirmed. PostgreSQL makes a checkpoint before: else it would
    /// have to do again, for a minute, what all tests before have done.
    /// </remarks>
    public async Task KillAsync(SuiteServer server, CancellationToken cancellationToken = default)
    {
        if (server != SuiteServer.RabbitMq)
        {
            var cluster = server == SuiteServer.Postgres ? PostgresConnectionString : TargetConnectionString;
            await ExecuteAsync(cluster, "checkpoint", cancellationToken);
        }

        await KillAtOnceAsync(server, cancellationToken);
    }

    /// <summary>Kills a server with SIGKILL. Returns when it is down.</summary>
    protected abstract Task KillAtOnceAsync(SuiteServer server, CancellationToken cancellationToken);

    /// <summary>Starts a stopped or killed server again, at the same address. Returns when it is ready.</summary>
    public abstract Task StartAsync(SuiteServer server, CancellationToken cancellationToken = default);

    /// <summary>Makes the broker take no messages, as it does when its memory is short, or take them again.</summary>
    public abstract Task AlarmBrokerAsync(bool on, CancellationToken cancellationToken = default);

    /// <summary>What a server has written to its log.</summary>
    public abstract Task<string> ReadLogAsync(SuiteServer server, CancellationToken cancellationToken = default);

    /// <summary>Stops the servers and deletes what they stored.</summary>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Interlocked.CompareExchange(ref current, null, this);
        serviceRoleLock.Dispose();
        Management.Dispose();
        await StopAllAsync();
    }

    /// <summary>Stops the servers and deletes what they stored.</summary>
    protected abstract Task StopAllAsync();

    internal static async Task<string> CreateDatabaseAsync(string cluster, string prefix, CancellationToken cancellationToken)
    {
        var name = UniqueName(prefix);
        // Targets' servers don't wait for the disk, and copying files is then a third of the work.
        await ExecuteAsync(cluster, $"""CREATE DATABASE "{name}" STRATEGY file_copy""", cancellationToken);
        return new NpgsqlConnectionStringBuilder(cluster) { Database = name }.ConnectionString;
    }

    private static string UniqueName(string prefix) => $"{prefix}_{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        // A pooled connection would not survive a test that kills the server.
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        var connection = new NpgsqlConnection(builder.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static async Task ExecuteAsync(string connectionString, string sql, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(connectionString, cancellationToken);
        // A checkpoint writes all that was done since the last one, and waits for a disk that others use as well.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task EnsureServiceRoleAsync(CancellationToken cancellationToken)
    {
        await serviceRoleLock.WaitAsync(cancellationToken);
        try
        {
            if (!serviceRoleCreated)
            {
                await ExecuteAsync(
                    PostgresConnectionString,
                    $"CREATE ROLE {ServiceRole} LOGIN PASSWORD '{serviceRolePassword}'",
                    cancellationToken
                );
                serviceRoleCreated = true;
            }
        }
        finally
        {
            serviceRoleLock.Release();
        }
    }
}
