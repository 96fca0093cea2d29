using System.Diagnostics;
using System.Security.Cryptography;
using Governance.Contracts.Lifecycle;
using Npgsql;

namespace Governance.Testing;

/// <summary>A database in a cluster that stands for a governed system, with roles of its own.</summary>
public sealed class TargetDatabase : IAsyncDisposable
{
    private readonly NpgsqlDataSource source;
    private readonly Func<Task<string>> readLog;
    private readonly bool lent;

    private TargetDatabase(string connectionString, Func<Task<string>> readLog)
    {
        ConnectionString = connectionString;
        this.readLog = readLog;
        source = NpgsqlDataSource.Create(connectionString);
    }

    private TargetDatabase(TargetDatabase owner)
    {
        ConnectionString = owner.ConnectionString;
        readLog = owner.readLog;
        source = owner.source;
        lent = true;
    }

    /// <summary>The superuser's.</summary>
    public string ConnectionString { get; }

    /// <summary>The cluster's.</summary>
    public int Port => new NpgsqlConnectionStringBuilder(ConnectionString).Port;

    /// <summary>A database of its own in the target's cluster.</summary>
    public static async Task<TargetDatabase> CreateAsync() =>
        new(
            await SuiteServers.Current.CreateTargetDatabaseAsync("orders"),
            () => SuiteServers.Current.ReadLogAsync(SuiteServer.TargetPostgres)
        );

    /// <summary>A database of its own in another cluster.</summary>
    public static async Task<TargetDatabase> CreateAsync(PostgresCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return new(
            await SuiteServers.CreateDatabaseAsync(cluster.ConnectionString, "orders", CancellationToken.None),
            () => cluster.ReadLogAsync()
        );
    }

    /// <summary>In the suite's own cluster: a second server, which goes on when the first is in trouble.</summary>
    public static TargetDatabase InOtherCluster() =>
        new(SuiteServers.Current.PostgresConnectionString, () => SuiteServers.Current.ReadLogAsync(SuiteServer.Postgres));

    /// <summary>The same database for somebody who disposes of what they are given: its connections stay open until the owner does.</summary>
    public TargetDatabase Lend() => new(this);

    /// <summary>The name with something behind it that no other has.</summary>
    public static string Unique(string name) => name + "_" + RandomNumberGenerator.GetHexString(8, lowercase: true);

    /// <summary>The superuser's connection string by way of a proxy.</summary>
    public string Through(FaultProxy proxy) =>
        new NpgsqlConnectionStringBuilder(ConnectionString) { Host = "127.0.0.1", Port = proxy.Port }.ConnectionString;

    /// <summary>Creates an account and a privilege whose names begin as given.</summary>
    public async Task<TargetBinding> CreateBindingAsync(string target = "orders-db", string account = "svc", string privilege = "readonly")
    {
        var binding = new TargetBinding
        {
            Target = target,
            Account = Unique(account),
            Privilege = Unique(privilege),
        };
        await CreateRolesAsync(binding);
        return binding;
    }

    /// <summary>Creates an account and a privilege with exactly these names.</summary>
    public async Task CreateRolesAsync(TargetBinding binding)
    {
        await ExecuteAsync($"create role {Quote(binding.Account)} login");
        await ExecuteAsync($"create role {Quote(binding.Privilege)} nologin");
    }

    /// <summary>Runs statements as the superuser.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Reads one value as the superuser.</summary>
    public async Task<T> ReadAsync<T>(string sql, params object[] values)
    {
        await using var command = source.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Whether the account is a direct member of the privilege.</summary>
    public Task<bool> IsMemberAsync(TargetBinding binding) =>
        ReadAsync<bool>(
            """
            select exists (select from pg_auth_members m join pg_roles a on a.oid = m.member join pg_roles p on p.oid = m.roleid
                where a.rolname = $1 and p.rolname = $2)
            """,
            binding.Account,
            binding.Privilege
        );

    /// <summary>Opens a connection as the superuser.</summary>
    public async Task<NpgsqlConnection> OpenAsync() => await source.OpenConnectionAsync();

    /// <summary>What the cluster has written to its log.</summary>
    public Task<string> ReadLogAsync() => readLog();

    /// <summary>Opens a connection of its own as somebody else.</summary>
    public async Task<NpgsqlConnection> LogInAsync(string role, string password)
    {
        var builder = new NpgsqlConnectionStringBuilder(ConnectionString)
        {
            Username = role,
            Password = password,
            Pooling = false,
        };
        var connection = new NpgsqlConnection(builder.ConnectionString);
        try
        {
            await connection.OpenAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a connection of its own as somebody else, with options of theirs.</summary>
    /// <returns>Null when the server ended it.</returns>
    public async Task<NpgsqlConnection?> BeginSessionAsync(string role, string password, string options)
    {
        var builder = new NpgsqlConnectionStringBuilder(ConnectionString)
        {
            Username = role,
            Password = password,
            Options = options,
            Timeout = 60,
            Pooling = false,
        };
        var connection = new NpgsqlConnection(builder.ConnectionString);
        try
        {
            await connection.OpenAsync();
            return connection;
        }
        catch (NpgsqlException)
        {
            await connection.DisposeAsync();
            return null;
        }
    }

    /// <summary>
    /// Waits until a session with a <c>post_auth_delay</c> has taken its options. No view tells when: until one has been there for two seconds of
    /// which nobody knows whose it is.
    /// </summary>
    public async Task HasBegunAsync()
    {
        long? since = null;
        await Eventually.Until(async () =>
        {
            var isThere = await ReadAsync<bool>(
                """
                select exists (
                    select from pg_locks l
                    where l.locktype = 'virtualxid' and l.pid <> pg_backend_pid() and not exists (
                        select from pg_stat_activity a
                        where a.pid = l.pid and (a.usesysid is not null or a.backend_type <> 'client backend')))
                """
            );
            since = isThere ? since ?? Stopwatch.GetTimestamp() : null;
            return since is { } at && Stopwatch.GetElapsedTime(at) > TimeSpan.FromSeconds(2);
        });
    }

    /// <summary>Closes the connections, unless they are lent; the database stays until the cluster goes.</summary>
    public ValueTask DisposeAsync() => lent ? ValueTask.CompletedTask : source.DisposeAsync();

    /// <summary>The name as an identifier in SQL.</summary>
    public static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
