using System.Security.Cryptography;
using Governance.Contracts.Lifecycle;
using Governance.Testing;
using Npgsql;

namespace Governance.Issuance.Tests;

/// <summary>A database in a cluster that stands for a governed system, with roles of its own.</summary>
public sealed class TargetDatabase : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;

    private TargetDatabase(string connectionString)
    {
        ConnectionString = connectionString;
        _source = NpgsqlDataSource.Create(connectionString);
    }

    public string ConnectionString { get; }

    public int Port => new NpgsqlConnectionStringBuilder(ConnectionString).Port;

    public static async Task<TargetDatabase> CreateAsync() => new(await SuiteServers.Current.CreateTargetDatabaseAsync("orders"));

    /// <summary>In the suite's own cluster: a second server, which goes on when the first is in trouble.</summary>
    public static TargetDatabase InOtherCluster() => new(SuiteServers.Current.PostgresConnectionString);

    public static string Unique(string name) => name + "_" + RandomNumberGenerator.GetHexString(8, lowercase: true);

    public string Through(FaultProxy proxy) =>
        new NpgsqlConnectionStringBuilder(ConnectionString) { Host = "127.0.0.1", Port = proxy.Port }.ConnectionString;

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

    public async Task CreateRolesAsync(TargetBinding binding)
    {
        await ExecuteAsync($"create role {Quote(binding.Account)} login");
        await ExecuteAsync($"create role {Quote(binding.Privilege)} nologin");
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ReadAsync<T>(string sql, params object[] values)
    {
        await using var command = _source.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return (T)(await command.ExecuteScalarAsync())!;
    }

    public Task<bool> IsMemberAsync(TargetBinding binding) =>
        ReadAsync<bool>(
            """
            select exists (select from pg_auth_members m join pg_roles a on a.oid = m.member join pg_roles p on p.oid = m.roleid
                where a.rolname = $1 and p.rolname = $2)
            """,
            binding.Account,
            binding.Privilege
        );

    public async Task<NpgsqlConnection> OpenAsync() => await _source.OpenConnectionAsync();

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    public static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
