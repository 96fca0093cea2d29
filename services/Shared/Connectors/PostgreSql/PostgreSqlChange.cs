using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace Governance.Connectors.PostgreSql;

/// <summary>One attempt at the server, which each of its statements ends on the server's own clock.</summary>
internal sealed class PostgreSqlChange
{
    // The rest of the work goes on meanwhile, and whoever holds a lock for longer may hold it for hours.
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(1);

    // Longer than a session takes to begin, unless it wants to take longer.
    private static readonly TimeSpan StartingPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan StartingPeriod = TimeSpan.FromMilliseconds(20);

    private readonly NpgsqlConnection _connection;
    private readonly DesiredHolding _desired;
    private readonly AttemptDeadline _deadline;
    private readonly MembershipFunction _function;
    private readonly bool _hasFunction;
    private readonly List<(string Name, string Value)> _settings;
    private readonly CancellationToken _cancellationToken;

    private PostgreSqlChange(
        NpgsqlConnection connection,
        DesiredHolding desired,
        AttemptDeadline deadline,
        MembershipFunction function,
        bool hasFunction,
        List<(string Name, string Value)> settings,
        CancellationToken cancellationToken
    )
    {
        _connection = connection;
        _desired = desired;
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
            row => (At: row.GetFieldValue<DateTimeOffset>(0), Function: row.GetBoolean(1), Fence: PostgreSqlFence.StateOf(row)),
            cancellationToken
        );
        var (at, hasFunction, found) = looked.Single();
        var fenced = await fence.EnsureAsync(connection, found, desired.Wanted, deadline, cancellationToken);
        var end = at + deadline.RemainingOrThrow();
        return new(
            connection,
            desired,
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
    public async Task<ChangeReport> ChangeMembershipAsync()
    {
        var has = await _function.EnsureAsync(_connection, _hasFunction, _deadline, _cancellationToken);
        return await RunAsync(has ? Sql.MembershipByFunction : Sql.Membership);
    }

    /// <summary>Runs one of the statements that change something, in a transaction of its own.</summary>
    public async Task<ChangeReport> RunAsync(string sql, params (string Name, string Value)[] more)
    {
        var milliseconds = Math.Max(1, (long)_deadline.RemainingOrThrow().TotalMilliseconds);
        List<(string Name, string Value)> all =
        [
            ("statement_timeout", milliseconds.ToString(CultureInfo.InvariantCulture)),
            // Zero would be for ever; a third leaves time to find out who holds it.
            ("lock_timeout", Math.Clamp(milliseconds / 3, 1, (long)LockPatience.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)),
            .. _settings,
            .. more,
        ];
        var settings = new NpgsqlBatchCommand(Sql.Settings);
        settings.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. all.Select(setting => setting.Name)] });
        settings.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. all.Select(setting => setting.Value)] });
        await using var batch = new NpgsqlBatch(_connection)
        {
            BatchCommands = { settings, new NpgsqlBatchCommand(sql), new NpgsqlBatchCommand(Sql.Undone) },
        };
        Sent = true;
        var report = ChangeReport.Nothing;
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(_cancellationToken);
            do
            {
                while (await reader.ReadAsync(_cancellationToken))
                {
                    report = string.Equals(reader.GetName(0), "undone", StringComparison.Ordinal)
                        ? ChangeReport.Parse(reader.Text(0), reader.Text(1), reader.Text(2))
                        : report;
                }
            } while (await reader.NextResultAsync(_cancellationToken));
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable)
        {
            var holders = await HoldersAsync([], fence: false);
            holders = holders.Count > 0 ? holders : await HoldersAsync([], fence: true);
            throw new ConnectorException(
                ConnectorErrors.Blocked,
                "The target has undone it, since a lock was not to be had. " + LockHolder.Describe(holders)
            );
        }

        return report;
    }

    /// <summary>Who has what this change waited for, which for these logins is also all that they own or were given.</summary>
    public Task<List<LockHolder>> HoldersAsync(string[] logins, bool fence) =>
        ReadAsync(
            Sql.Blockers,
            [new[] { _desired.Account, _desired.Privilege }, logins, fence],
            row => new LockHolder(
                row.Text(0),
                row.Text(1),
                row.IsDBNull(2) ? null : row.GetInt32(2),
                row.Text(3),
                row.IsDBNull(4) ? null : row.GetFieldValue<DateTimeOffset>(4)
            )
        );

    /// <summary>Tells what could not be done, as the attempt's failure.</summary>
    public async Task ThrowIfUndoneAsync(ChangeReport report, params string[] logins)
    {
        if (report.Undone.Count == 0)
        {
            return;
        }

        var what = string.Join(" ", report.Undone.Select(part => part.What));
        if (!report.Waited)
        {
            throw new ConnectorException(ConnectorErrors.Refused, what);
        }

        var fence = report.Undone.Any(part => part.Code is UndonePart.Fence);
        throw new ConnectorException(ConnectorErrors.Blocked, $"{what} {LockHolder.Describe(await HoldersAsync(logins, fence))}");
    }

    /// <summary>Ends what the roles, or their members as well, have open at that moment, and waits until it is gone.</summary>
    /// <param name="roles">By name.</param>
    /// <param name="ends">Whose sessions are ended.</param>
    /// <param name="dropped">The oid of one more that is no role any more.</param>
    /// <returns>By which sessions, and by what was prepared, the access may go on.</returns>
    public async Task<IReadOnlyList<string>> EndSessionsAsync(IReadOnlyCollection<string> roles, SessionEnds ends, uint? dropped = null)
    {
        var most = _deadline.Remaining / 3 < StartingPatience ? _deadline.Remaining / 3 : StartingPatience;
        var began = Stopwatch.GetTimestamp();
        HashSet<int>? starting = null;
        while (true)
        {
            // Mostly there is none, and asking costs a tenth of a statement that would have to be compiled.
            var open = await ReadAsync(
                Sql.OpenSessions,
                [roles.ToArray(), _desired.Privilege, (long)(dropped ?? 0)],
                row => new OpenSession(
                    row.IsDBNull(0) ? null : row.GetInt32(0),
                    row.Text(1),
                    row.GetBoolean(2),
                    row.Text(3),
                    row.GetBoolean(4)
                )
            );
            // Whoever begins later asks for the role when the membership is gone.
            starting ??= [.. open.Where(one => one.Starting).Select(one => one.Session!.Value)];
            starting.IntersectWith(open.Where(one => one.Starting).Select(one => one.Session!.Value));
            open.RemoveAll(one => one.Starting && !starting.Contains(one.Session!.Value));
            var waiting = starting.Count > 0 && Stopwatch.GetElapsedTime(began) < most;
            var ending = open.Where(one => one.EndsBy(ends, waiting)).ToList();
            if (ending.Count > 0)
            {
                await EndAsync(roles, ending, dropped);
            }

            if (!waiting)
            {
                return [.. open.Except(ending).Select(one => one.GoesOn)];
            }

            await Task.Delay(StartingPeriod, _cancellationToken);
        }
    }

    private Task<ChangeReport> EndAsync(IReadOnlyCollection<string> roles, IReadOnlyCollection<OpenSession> ending, uint? dropped)
    {
        var starting = ending.Where(one => one.Starting).Select(one => one.Session).ToList();
        var named = ending.Where(one => !one.Starting).ToList();
        return RunAsync(
            Sql.EndSessions,
            (
                "governance.ended",
                JsonSerializer.Serialize(
                    named
                        .Select(session => session.Role)
                        .OfType<string>()
                        .Concat(starting.Count > 0 ? roles : [])
                        .Distinct(StringComparer.Ordinal)
                )
            ),
            ("governance.gone", named.Exists(session => session.Role is null) ? dropped?.ToString(CultureInfo.InvariantCulture) ?? "" : ""),
            ("governance.starting", JsonSerializer.Serialize(starting)),
            ("governance.wanted", "false")
        );
    }

    /// <param name="Session">Its pid; null for what was prepared.</param>
    /// <param name="Role">Whose; null for a role that was dropped.</param>
    /// <param name="Own">It is of an account that the access was taken from itself.</param>
    /// <param name="Prepared">The prepared transaction, and where.</param>
    /// <param name="Starting">It has not told yet whose it is.</param>
    private sealed record OpenSession(int? Session, string? Role, bool Own, string? Prepared, bool Starting)
    {
        public bool EndsBy(SessionEnds ends, bool mayStillTell) =>
            Session is not null
            && (Starting ? !mayStillTell && ends is not SessionEnds.None : ends is SessionEnds.Members || (Own && ends is SessionEnds.Own));

        public string GoesOn =>
            Starting
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"the session pid {Session}, which is starting for long and does not tell whose it is: it may have done SET ROLE before"
                )
            : Prepared is not null
                ? $"the prepared transaction {Prepared} of {Role}, until it is committed or rolled back: what it has changed may come yet"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"the open session pid {Session} of {Role ?? "a role that was dropped"}, until it ends: it may have done SET ROLE before"
            );
    }

    public Task<List<T>> ReadAsync<T>(string sql, object[] values, Func<NpgsqlDataReader, T> read) =>
        _connection.ReadAsync(sql, values, read, _cancellationToken);
}
