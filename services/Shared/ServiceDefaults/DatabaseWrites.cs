using Npgsql;

namespace Governance.ServiceDefaults;

/// <summary>Finds out whether a database takes writes: a full disk and a standby answer as if nothing were wrong.</summary>
public static class DatabaseWrites
{
    /// <summary>Writes something that leaves no trace.</summary>
    /// <remarks>
    /// A new table needs room for its file and its commit room in the log: where there is none this fails, and not only the next request. A
    /// table that stayed would be locked by every backup, and nobody else's row or lock is in the way of a temporary one. A role that may
    /// not make temporary tables can't find out.
    /// </remarks>
    /// <param name="database">The database.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Why it can't be written; null when it can, or nobody knows.</returns>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public static async Task<string?> FaultAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = database.CreateCommand(
                """
                create temporary table governance_write_probe (at timestamptz not null) on commit drop;
                insert into governance_write_probe values (clock_timestamp())
                """
            );
            command.CommandTimeout = 3;
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return null;
        }
        catch (PostgresException e)
        {
            return $"The database can't be written: {e.MessageText} ({e.SqlState})";
        }
    }
}
