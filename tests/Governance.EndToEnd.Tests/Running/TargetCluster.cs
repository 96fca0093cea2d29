using Governance.Testing;
using Npgsql;

namespace Governance.EndToEnd.Tests.Running;

/// <summary>The governed cluster: databases, group roles, accounts and the connector's role of one suite.</summary>
internal sealed class TargetCluster
{
    private const string Password = "target-password";

    private TargetCluster(string orders, string ledger, string connector)
    {
        (Orders, Ledger, Connector) = (orders, ledger, connector);
    }

    /// <summary>The superuser's connection to the database <c>orders</c>.</summary>
    public string Orders { get; }

    public string Ledger { get; }

    public string Connector { get; }

    public static async Task<TargetCluster> CreateAsync(SuiteServers servers, SuiteCatalog catalog)
    {
        var orders = await servers.CreateTargetDatabaseAsync(catalog.Tag + "_orders");
        var ledger = await servers.CreateTargetDatabaseAsync(catalog.Tag + "_ledger");
        var target = new TargetCluster(orders, ledger, catalog.Tag + "_connector");
        await using var connection = await OpenAsync(orders);
        var privileges = string.Join(", ", catalog.Entitlements.Select(e => e.Privilege));
        var statements = new List<string>();
        statements.AddRange(catalog.Entitlements.Select(e => $"create role {e.Privilege} nologin"));
        statements.AddRange(catalog.Principals.Select(p => $"create role {p.Account} login password '{Password}'"));
        statements.Add($"create role {target.Connector} login noinherit createrole password '{Password}'");
        statements.Add($"grant {privileges} to {target.Connector} with admin option");
        statements.Add($"grant pg_signal_backend to {target.Connector}");
        statements.Add($"create schema governance authorization {target.Connector}");
        statements.Add("create table items (id bigint)");
        statements.Add("insert into items values (1), (2), (3)");
        statements.AddRange(catalog.Open.Append(catalog.Login).Select(e => $"grant select on items to {e.Privilege}"));
        await ExecuteAsync(connection, string.Join(";\n", statements));
        await using var other = await OpenAsync(ledger);
        await ExecuteAsync(other, $"create schema governance authorization {target.Connector}");
        return target;
    }

    /// <summary>Connects as somebody else than the superuser.</summary>
    public static string As(string superuser, string role) =>
        new NpgsqlConnectionStringBuilder(superuser)
        {
            Username = role,
            Password = Password,
            Pooling = false,
        }.ConnectionString;

    /// <summary>Whether an account can read the table, tried in a new session as that account.</summary>
    public async Task<bool> CanReadAsync(string account)
    {
        await using var connection = new NpgsqlConnection(As(Orders, account));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select count(*) from items", connection);
        try
        {
            return (long)(await command.ExecuteScalarAsync())! == 3;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return false;
        }
    }

    public async Task<IReadOnlyList<string>> MembershipsAsync(string tag)
    {
        await using var connection = await OpenAsync(Orders);
        return [.. (await ReadAsync(connection, tag)).Select(m => $"{m.Account} in {m.Privilege}")];
    }

    /// <summary>Memberships of a suite's accounts in its privileges.</summary>
    public static async Task<HashSet<(string Account, string Privilege)>> ReadAsync(NpgsqlConnection connection, string tag)
    {
        await using var command = new NpgsqlCommand(
            """
            select a.rolname::text, p.rolname::text from pg_auth_members m
            join pg_roles a on a.oid = m.member join pg_roles p on p.oid = m.roleid
            where starts_with(a.rolname, $1 || '_svc_')
            """,
            connection
        )
        {
            CommandTimeout = 5,
            Parameters = { new() { Value = tag } },
        };
        var found = new HashSet<(string, string)>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            found.Add((reader.GetString(0), reader.GetString(1)));
        }

        return found;
    }

    public static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        // A pooled connection would not survive what these tests do to servers.
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = 5 }.ConnectionString
        );
        await connection.OpenAsync();
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
