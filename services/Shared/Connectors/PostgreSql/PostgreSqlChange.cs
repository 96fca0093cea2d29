using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace Governance.Connectors.PostgreSql;

/// <summary>One attempt at the server, which each of its statements ends on the server's own clock.</summary>
internal sealed class PostgreSqlChange
{
    private readonly NpgsqlConnection _connection;
    private readonly AttemptDeadline _deadline;
    private readonly MembershipFunction _function;
    private readonly bool _hasFunction;
    private readonly List<(string Name, string Value)> _settings;
    private readonly CancellationToken _cancellationToken;

    private PostgreSqlChange(
        NpgsqlConnection connection,
        AttemptDeadline deadline,
        MembershipFunction function,
        bool hasFunction,
        List<(string Name, string Value)> settings,
        CancellationToken cancellationToken
    )
    {
        _connection = connection;
        _deadline = deadline;
        _function = function;
        _hasFunction = hasFunction;
        _settings = settings;
        _cancellationToken = cancellationToken;
    }

    /// <summary>A statement may have left.</summary>
    public bool Sent { get; private set; }

    public static async Task<PostgreSqlChange> BeginAsync(
        NpgsqlConnection connection,
        DesiredHolding desired,
        PostgreSqlFence fence,
        MembershipFunction function,
        AttemptDeadline deadline,
        CancellationToken cancellationToken
    )
    {
        // In each attempt: an operator may drop or create the fence while we run, and guessing wrong would mean not fenced.
        var looked = await connection.ReadAsync(
            Sql.LookBeforeChange,
            [],
            row =>
                (
                    At: row.GetFieldValue<DateTimeOffset>(0),
                    Function: row.GetBoolean(1),
                    Exists: row.GetBoolean(2),
                    Usable: row.GetBoolean(3)
                ),
            cancellationToken
        );
        var (at, hasFunction, exists, usable) = looked.Single();
        var fenced = await fence.EnsureAsync(connection, exists, usable, deadline, cancellationToken);
        var end = at + deadline.RemainingOrThrow();
        return new(
            connection,
            deadline,
            function,
            hasFunction,
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

    /// <summary>Gives the membership or takes it away.</summary>
    public async Task ChangeMembershipAsync()
    {
        var has = await _function.EnsureAsync(_connection, _hasFunction, _deadline, _cancellationToken);
        await RunAsync(has ? Sql.MembershipByFunction : Sql.Membership);
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
