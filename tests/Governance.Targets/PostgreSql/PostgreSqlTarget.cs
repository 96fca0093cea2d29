using System.Collections.Concurrent;
using Governance.Connectors.PostgreSql;
using Governance.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Governance.Targets.PostgreSql;

/// <summary>A database of a real server.</summary>
public class PostgreSqlTarget(TargetDatabase database, IReadOnlyList<string> giving, IReadOnlyList<string> taking) : ConformanceTarget
{
    private const int MaxBytes = 63;
    private const string Password = "the-account's own";

    private readonly ConcurrentQueue<string> _accounts = [];
    private readonly ConcurrentQueue<string> _privileges = [];
    private readonly ProxyFaults _faults = new(database.Port, giving, taking);

    public override string ConnectionString => database.Through(_faults.Proxy);

    public override IReadOnlyList<string> Secrets => [new NpgsqlConnectionStringBuilder(database.ConnectionString).Password!];

    public override TargetFaults Faults => _faults;

    public PostgreSqlTarget(TargetDatabase database)
        : this(database, ["statement_timeout"], ["statement_timeout", "pg_terminate_backend"]) { }

    protected TargetDatabase Database => database;

    public override void Register(IServiceCollection services) => services.AddPostgreSqlConnector();

    public override Task<string?> CreateAccountAsync(string like) =>
        CreateRoleAsync(like, $"login password '{Password.Replace("'", "''", StringComparison.Ordinal)}'", _accounts);

    public override Task<string?> CreatePrivilegeAsync(string like) => CreateRoleAsync(like, "nologin", _privileges);

    public override Task DropAccountAsync(string account) => database.ExecuteAsync($"drop role {TargetDatabase.Quote(account)}");

    public override Task DropPrivilegeAsync(string privilege) => database.ExecuteAsync($"drop role {TargetDatabase.Quote(privilege)}");

    public override Task<bool> HasAsync(string account, string privilege) =>
        database.ReadAsync<bool>(
            """
            select exists (select from pg_auth_members m join pg_roles a on a.oid = m.member join pg_roles p on p.oid = m.roleid
                where a.rolname = $1 and p.rolname = $2)
            """,
            account,
            privilege
        );

    public override Task<IReadOnlyList<HeldAccess>> AllAsync() =>
        ReadAllAsync(
            """
            select a.rolname::text, p.rolname::text, null
            from pg_auth_members m join pg_roles a on a.oid = m.member join pg_roles p on p.oid = m.roleid
            where a.rolname = any($1) or p.rolname = any($2)
            """
        );

    public override Task GiveAsync(string account, string privilege) =>
        database.ExecuteAsync($"grant {TargetDatabase.Quote(privilege)} to {TargetDatabase.Quote(account)}");

    public override Task TakeAsync(string account, string privilege) =>
        database.ExecuteAsync($"revoke {TargetDatabase.Quote(privilege)} from {TargetDatabase.Quote(account)}");

    public override async Task<ITargetSession?> LogInAsync(string account, string privilege) =>
        new Session(await database.LogInAsync(account, Password), privilege);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads account, privilege and the account of a grant; the parameters are the accounts and the privileges that were created here.</summary>
    protected async Task<IReadOnlyList<HeldAccess>> ReadAllAsync(string sql)
    {
        await using var connection = await database.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection)
        {
            Parameters =
            {
                new() { Value = _accounts.ToArray() },
                new() { Value = _privileges.ToArray() },
            },
        };
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<HeldAccess>();
        while (await reader.ReadAsync())
        {
            found.Add(new(reader.GetString(0), reader.GetString(1), await reader.IsDBNullAsync(2) ? null : reader.GetString(2)));
        }

        return found;
    }

    private async Task<string?> CreateRoleAsync(string like, string options, ConcurrentQueue<string> created)
    {
        var name = TargetDatabase.Unique(like);
        if (System.Text.Encoding.UTF8.GetByteCount(name) > MaxBytes)
        {
            return null;
        }

        await database.ExecuteAsync($"create role {TargetDatabase.Quote(name)} {options}");
        created.Enqueue(name);
        return name;
    }

    protected sealed class Session(NpgsqlConnection connection, string privilege) : ITargetSession
    {
        public async Task<bool> WorksAsync()
        {
            try
            {
                await using var command = new NpgsqlCommand($"set role {TargetDatabase.Quote(privilege)}; reset role", connection);
                await command.ExecuteNonQueryAsync();
                return true;
            }
            catch (NpgsqlException e) when (e is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } || !IsOpen)
            {
                return false;
            }
        }

        public ValueTask DisposeAsync() => connection.DisposeAsync();

        private bool IsOpen => connection.FullState.HasFlag(System.Data.ConnectionState.Open);
    }
}
