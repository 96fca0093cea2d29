using Microsoft.Extensions.Logging;
using Npgsql;

namespace Governance.Connectors.PostgreSql;

internal sealed partial class PostgreSqlFence(string target, TimeProvider clock, ILogger logger)
{
    private readonly OwnObject _table = new(Sql.Fence, clock);

    private volatile object? _holds;
    private volatile bool _seen;

    /// <summary>Whether the last change was fenced; null before the first.</summary>
    public bool? Holds => (bool?)_holds;

    /// <summary>Whether what it says may be read: it is there, the suite's own, and of this version.</summary>
    public async Task<bool> IsReadableAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_holds is bool holds)
        {
            return holds;
        }

        if (!_seen)
        {
            var looked = await connection.ReadAsync(Sql.LookBeforeChange, [], StateOf, cancellationToken);
            _seen = looked.Single() is { Usable: true, Current: true };
        }

        return _seen;
    }

    public static FenceState StateOf(NpgsqlDataReader row) => new(row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4));

    /// <returns>Whether it can be used.</returns>
    public async Task<bool> EnsureAsync(
        NpgsqlConnection connection,
        FenceState found,
        bool wanted,
        AttemptDeadline deadline,
        CancellationToken cancellationToken
    )
    {
        if (found is { Usable: true, Current: true })
        {
            _holds = true;
            return true;
        }

        if (_table.RefusedLately)
        {
            return false;
        }

        try
        {
            if ((found.Usable || !found.Exists) && await _table.TryMakeAsync(connection, deadline, cancellationToken))
            {
                _holds = true;
                return true;
            }
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable && !wanted)
        {
            // Somebody reads the table of an earlier version: taking away does not wait for that.
            return false;
        }

        _table.Refuse();
        _holds = false;
        Log.Unfenced(logger, target);
        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(
            4301,
            LogLevel.Warning,
            "Target {Target} can't be fenced: the suite's account may not keep a table governance.holdings of its own there",
            EventName = "TargetUnfenced"
        )]
        public static partial void Unfenced(ILogger logger, string target);
    }
}

/// <summary>The table of the fence, as it was found.</summary>
/// <param name="Exists">There is one.</param>
/// <param name="Usable">It is the suite's.</param>
/// <param name="Current">It is of this version.</param>
internal readonly record struct FenceState(bool Exists, bool Usable, bool Current);
