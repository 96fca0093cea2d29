using Microsoft.Extensions.Logging;
using Npgsql;

namespace Governance.Connectors.PostgreSql;

internal sealed partial class PostgreSqlFence(string target, TimeProvider clock, ILogger logger)
{
    private readonly OwnObject _table = new(Sql.Fence, clock);

    /// <returns>Whether it can be used.</returns>
    public async Task<bool> EnsureAsync(
        NpgsqlConnection connection,
        bool exists,
        bool usable,
        AttemptDeadline deadline,
        CancellationToken cancellationToken
    )
    {
        if (usable || _table.RefusedLately)
        {
            return usable;
        }

        if (!exists && await _table.TryMakeAsync(connection, deadline, cancellationToken))
        {
            return true;
        }

        _table.Refuse();
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
