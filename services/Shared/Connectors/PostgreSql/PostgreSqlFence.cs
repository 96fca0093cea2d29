using Microsoft.Extensions.Logging;
using Npgsql;

namespace Governance.Connectors.PostgreSql;

internal sealed partial class PostgreSqlFence(string target, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(5);

    private long _refusedAt;
    private volatile bool _refused;

    // Looked at in each attempt: an operator may drop or create the table while we run, and guessing wrong would mean not fenced.
    /// <returns>Whether it can be used.</returns>
    public async Task<bool> EnsureAsync(
        NpgsqlConnection connection,
        bool exists,
        bool usable,
        AttemptDeadline deadline,
        CancellationToken cancellationToken
    )
    {
        if (usable || (_refused && clock.GetElapsedTime(Volatile.Read(ref _refusedAt)) < AskAgainAfter))
        {
            return usable;
        }

        if (!exists && await TryCreateAsync(connection, deadline, cancellationToken))
        {
            return true;
        }

        Volatile.Write(ref _refusedAt, clock.GetTimestamp());
        _refused = true;
        Log.Unfenced(logger, target);
        return false;
    }

    private static async Task<bool> TryCreateAsync(
        NpgsqlConnection connection,
        AttemptDeadline deadline,
        CancellationToken cancellationToken
    )
    {
        try
        {
            deadline.RemainingOrThrow();
            await using var command = new NpgsqlCommand(Sql.Fence, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return true;
        }
        catch (PostgresException e)
            when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.ReadOnlySqlTransaction)
        {
            return false;
        }
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
