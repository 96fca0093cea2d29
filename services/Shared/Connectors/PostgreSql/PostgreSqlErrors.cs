using System.Net.Sockets;
using Npgsql;

namespace Governance.Connectors.PostgreSql;

/// <summary>Turns what Npgsql throws into what may leave the connector: never the address, never the inner exception.</summary>
internal static class PostgreSqlErrors
{
    public static bool IsOfTheTarget(Exception exception) =>
        exception is NpgsqlException or TimeoutException or SocketException or IOException;

    public static ConnectorException Translate(Exception exception, bool sent) =>
        exception switch
        {
            PostgresException answer => FromAnswer(answer, sent),
            NpgsqlException { InnerException: TimeoutException } or TimeoutException => new ConnectorException(
                ConnectorErrors.Timeout,
                "The target did not answer in time.",
                sent
            ),
            _ => new ConnectorException(
                ConnectorErrors.Unreachable,
                sent
                    ? "The connection to the target broke after the change was sent; what it still does ends with the attempt's time, which is waited for."
                    : "The target can't be reached.",
                sent,
                isTransient: true
            ),
        };

    /// <summary>The same failure of a session that is gone at the target: what it did can be read there, and need not be waited for.</summary>
    public static ConnectorException Gone(ConnectorException failure) =>
        new(failure.Code, "The connection to the target broke, and its session has ended there.", isTransient: failure.IsTransient);

    private static ConnectorException FromAnswer(PostgresException answer, bool sent) =>
        answer.SqlState switch
        {
            "GV001" or PostgresErrorCodes.QueryCanceled => new(
                ConnectorErrors.Timeout,
                "The target did not do it in time and has undone it."
            ),
            "GV002" => new(ConnectorErrors.Refused, "The target is fenced: " + answer.MessageText),
            "GV003" => new(ConnectorErrors.UnknownAccount, answer.MessageText),
            "GV004" => new(ConnectorErrors.UnknownPrivilege, answer.MessageText),
            "GV005" => new(ConnectorErrors.Blocked, answer.MessageText),
            "GV006" or "GV008" or "GV009" or "GV010" => new(ConnectorErrors.Refused, answer.MessageText),
            PostgresErrorCodes.AdminShutdown
            or PostgresErrorCodes.CrashShutdown
            or PostgresErrorCodes.CannotConnectNow
            or PostgresErrorCodes.TooManyConnections => new(
                ConnectorErrors.Unreachable,
                "The target ended or refused the connection: SQLSTATE " + answer.SqlState,
                sent,
                isTransient: true
            ),
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => new(
                ConnectorErrors.Refused,
                "The target refused the suite's credentials: SQLSTATE " + answer.SqlState
            ),
            PostgresErrorCodes.InvalidCatalogName => new(ConnectorErrors.Refused, "The target's database does not exist."),
            PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation => new(
                ConnectorErrors.Error,
                Describe(answer),
                isTransient: true
            ),
            PostgresErrorCodes.LockNotAvailable => new(ConnectorErrors.Blocked, Describe(answer)),
            // Two changes of one membership at once, which the server reports as an internal error.
            PostgresErrorCodes.InternalError when answer.MessageText.StartsWith("tuple concurrently", StringComparison.Ordinal) => new(
                ConnectorErrors.Error,
                Describe(answer),
                isTransient: true
            ),
            PostgresErrorCodes.InsufficientPrivilege
            or PostgresErrorCodes.ReadOnlySqlTransaction
            or PostgresErrorCodes.InvalidGrantOperation
            or PostgresErrorCodes.DependentObjectsStillExist => new(ConnectorErrors.Refused, Describe(answer)),
            _ => new(ConnectorErrors.Error, Describe(answer)),
        };

    private static string Describe(PostgresException answer) => $"SQLSTATE {answer.SqlState}: {answer.MessageText}";
}
