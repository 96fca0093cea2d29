using Microsoft.Extensions.Logging;
using Npgsql;

namespace Governance.Connectors.PostgreSql;

internal sealed partial class PostgreSqlFence(string target, TimeProvider clock, ILogger logger)
{
    private readonly OwnObject _table = new(Sql.Fence, clock);

    private volatile object? _holds;

    /// <summary>Whether the last change was fenced; null before the first.</summary>
    public bool? Holds => (bool?)_holds;

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
