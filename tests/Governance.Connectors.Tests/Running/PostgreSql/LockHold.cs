using System.Globalization;
using Governance.Testing;
using Npgsql;

namespace Governance.Connectors.Tests.Running.PostgreSql;

/// <summary>A transaction that somebody leaves open, or prepared.</summary>
internal sealed class LockHold : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly string? _prepared;
    private bool _ended;

    private LockHold(NpgsqlConnection connection, string? prepared)
    {
        _connection = connection;
        _prepared = prepared;
        Name = prepared is null ? string.Create(CultureInfo.InvariantCulture, $"pid {connection.ProcessID}") : $"gid '{prepared}'";
    }

    /// <summary>What tells who it is.</summary>
    public string Name { get; }

    public static async Task<LockHold> BeginAsync(NpgsqlConnection connection, string sql, bool prepared)
    {
        var gid = prepared ? TargetDatabase.Unique("forgotten") : null;
        await ExecuteAsync(connection, "begin");
        await ExecuteAsync(connection, sql);
        if (gid is not null)
        {
            await ExecuteAsync(connection, $"prepare transaction '{gid}'");
        }

        return new(connection, gid);
    }

    public async Task EndAsync()
    {
        _ended = true;
        await ExecuteAsync(_connection, _prepared is null ? "rollback" : $"rollback prepared '{_prepared}'");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_ended)
        {
            await EndAsync();
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
