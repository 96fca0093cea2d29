using Npgsql;

namespace Governance.Connectors.PostgreSql;

/// <summary>
/// The change of a membership as a function of the session's own: a server compiles a statement of that kind whenever it comes, and a function
/// once. Where the account may not make one, or sessions don't last, it stays a statement.
/// </summary>
internal sealed class MembershipFunction(bool sessionsLast, TimeProvider clock)
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(5);

    private long _refusedAt;
    private volatile bool _refused;

    /// <returns>Whether the session has it.</returns>
    public async Task<bool> EnsureAsync(NpgsqlConnection connection, bool exists, CancellationToken cancellationToken)
    {
        if (exists || !sessionsLast || (_refused && clock.GetElapsedTime(Volatile.Read(ref _refusedAt)) < AskAgainAfter))
        {
            return exists && sessionsLast;
        }

        try
        {
            await using var command = new NpgsqlCommand(Sql.MakeMembershipFunction, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return true;
        }
        catch (PostgresException e)
            when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.ReadOnlySqlTransaction)
        {
            Volatile.Write(ref _refusedAt, clock.GetTimestamp());
            _refused = true;
            return false;
        }
    }
}
