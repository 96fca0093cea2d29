using Npgsql;

namespace Governance.Messaging;

/// <summary>Tells what passes by itself (the database or the broker is away, a lock is held, two writers met) from what is wrong.</summary>
public static class Outages
{
    private static readonly HashSet<string> Passing = new(StringComparer.Ordinal)
    {
        PostgresErrorCodes.QueryCanceled,
        PostgresErrorCodes.LockNotAvailable,
        PostgresErrorCodes.DeadlockDetected,
        PostgresErrorCodes.SerializationFailure,
        PostgresErrorCodes.InvalidCatalogName,
        PostgresErrorCodes.InvalidPassword,
        "25P03", // idle_in_transaction_session_timeout
    };

    /// <summary>True when the same work may well succeed a little later, through no change of its own.</summary>
    public static bool IsPassing(Exception exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            if (e is TimeoutException || (e is PostgresException p && Passing.Contains(p.SqlState)) || (e is NpgsqlException { IsTransient: true }))
            {
                return true;
            }
        }

        return false;
    }
}
