using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace Governance.Connectors.PostgreSql;

/// <summary>One attempt at the server, which each of its statements ends on the server's own clock.</summary>
internal sealed class PostgreSqlChange
{
    private readonly NpgsqlConnection _connection;
    private readonly AttemptDeadline _deadline;
    private readonly List<(string Name, string Value)> _settings;
    private readonly CancellationToken _cancellationToken;

    private PostgreSqlChange(
        NpgsqlConnection connection,
        AttemptDeadline deadline,
        List<(string Name, string Value)> settings,
        CancellationToken cancellationToken
    )
    {
        _connection = connection;
        _deadline = deadline;
        _settings = settings;
        _cancellationToken = cancellationToken;
    }

    /// <summary>A statement may have left.</summary>
    public bool Sent { get; private set; }

    public static async Task<PostgreSqlChange> BeginAsync(
        NpgsqlConnection connection,
        DesiredHolding desired,
        PostgreSqlFence fence,
        AttemptDeadline deadline,
        CancellationToken cancellationToken
    )
    {
        var (at, fenced) = await fence.EnsureAsync(connection, deadline, cancellationToken);
        var end = at + deadline.RemainingOrThrow();
        return new(
            connection,
            deadline,
            [
                ("governance.account", desired.Account),
                ("governance.privilege", desired.Privilege),
                ("governance.holder", desired.Holder.ToString()),
                ("governance.revision", desired.Revision.ToString(CultureInfo.InvariantCulture)),
                ("governance.wanted", desired.Wanted ? "true" : "false"),
                ("governance.fenced", fenced ? "true" : "false"),
                ("governance.deadline", end.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff'+00'", CultureInfo.InvariantCulture)),
            ],
            cancellationToken
        );
    }

    /// <summary>Runs one of the statements that change something, in a transaction of its own.</summary>
    public async Task RunAsync(string sql, params (string Name, string Value)[] more)
    {
        var milliseconds = Math.Max(1, (long)_deadline.RemainingOrThrow().TotalMilliseconds);
        List<(string Name, string Value)> all =
        [
            ("statement_timeout", milliseconds.ToString(CultureInfo.InvariantCulture)),
            .. _settings,
            .. more,
        ];
        var settings = new NpgsqlBatchCommand(Sql.Settings);
        settings.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. all.Select(setting => setting.Name)] });
        settings.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. all.Select(setting => setting.Value)] });
        await using var batch = new NpgsqlBatch(_connection) { BatchCommands = { settings, new NpgsqlBatchCommand(sql) } };
        Sent = true;
        await batch.ExecuteNonQueryAsync(_cancellationToken);
    }

    /// <summary>Ends what the roles have open at that moment, and waits until it is gone.</summary>
    public async Task EndSessionsAsync(string[] roles)
    {
        // Mostly there is none, and asking costs a tenth of a statement that would have to be compiled.
        var open = await ReadAsync(Sql.HasSessions, [roles], row => row.GetBoolean(0));
        if (open.Single())
        {
            await RunAsync(Sql.EndSessions, ("governance.ended", JsonSerializer.Serialize(roles)));
        }
    }

    public Task<List<T>> ReadAsync<T>(string sql, object[] values, Func<NpgsqlDataReader, T> read) =>
        _connection.ReadAsync(sql, values, read, _cancellationToken);
}
