using Npgsql;

namespace Governance.Connectors.PostgreSql;

/// <summary>Something that the suite makes at a target for itself where its account may; once refused, it is left for a while.</summary>
internal sealed class OwnObject(string sql, TimeProvider clock)
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(5);

    private long _refusedAt;
    private volatile bool _refused;

    public bool RefusedLately => _refused && clock.GetElapsedTime(Volatile.Read(ref _refusedAt)) < AskAgainAfter;

    public void Refuse()
    {
        Volatile.Write(ref _refusedAt, clock.GetTimestamp());
        _refused = true;
    }

    /// <returns>False when the account may not make it.</returns>
    public async Task<bool> TryMakeAsync(NpgsqlConnection connection, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        try
        {
            deadline.RemainingOrThrow();
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return true;
        }
        catch (PostgresException e)
            when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.ReadOnlySqlTransaction)
        {
            return false;
        }
    }
}
