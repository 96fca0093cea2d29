using System.Data.Common;
using System.Net.Sockets;

namespace Governance.Messaging;

/// <summary>Tells a database that is away, which passes, from what is wrong with a message or with us.</summary>
internal static class DatabaseOutage
{
    private const string QueryCanceled = "57014";
    private const string IdleInTransactionSessionTimeout = "25P03";

    // A standby that has not been promoted yet, or a server that was made read-only before its disk was full.
    private const string ReadOnlyTransaction = "25006";

    // A database that is being restored, a password that is being changed.
    private const string InvalidCatalogName = "3D000";
    private const string InvalidPassword = "28P01";

    /// <summary>Whether the cause is an outage, however deep it lies.</summary>
    public static bool Is(Exception? exception) =>
        exception switch
        {
            null => false,
            DbException
            {
                SqlState: QueryCanceled or IdleInTransactionSessionTimeout or ReadOnlyTransaction or InvalidCatalogName or InvalidPassword
            } => true,
            DbException database => database.IsTransient,
            TimeoutException or SocketException => true,
            AggregateException all => all.InnerExceptions.Any(Is),
            _ => Is(exception.InnerException),
        };
}
