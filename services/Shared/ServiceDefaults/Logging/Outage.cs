using Npgsql;

namespace Governance.ServiceDefaults.Logging;

/// <summary>Tells by its cause whether a line of the log is about something that is away, which many lines then say in other words.</summary>
internal static class Outage
{
    public const string Database = "database";
    public const string Broker = "broker";

    // By name: not every service has these packages.
    private static readonly string[] BrokerNamespaces = ["RabbitMQ.Client", "MassTransit.RabbitMqTransport"];
    private static readonly string[] BrokerTypes = ["MassTransit.ConnectionException", "MassTransit.RabbitMqConnectionException"];

    /// <summary>What is away; null when the cause is another.</summary>
    public static string? Of(Exception? exception) =>
        exception switch
        {
            null => null,
            // A server that answers is there, whatever it refuses: a lock that is not free is no outage.
            PostgresException answer => IsGoing(answer.SqlState) ? Database : null,
            NpgsqlException { IsTransient: true } => Database,
            _ when IsBrokers(exception.GetType().FullName!) => Broker,
            AggregateException all => all.InnerExceptions.Select(Of).FirstOrDefault(one => one is not null),
            _ => Of(exception.InnerException),
        };

    /// <summary>The causes in one line, outermost first, each once, without the places in the program.</summary>
    public static string Cause(Exception exception)
    {
        var causes = new List<string>();
        for (var e = exception; e is not null; e = e.InnerException)
        {
            var text = $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}";
            if (!causes.Contains(text, StringComparer.Ordinal))
            {
                causes.Add(text);
            }
        }

        return string.Join(" <- ", causes);
    }

    private static bool IsGoing(string state) =>
        state
            is PostgresErrorCodes.AdminShutdown
                or PostgresErrorCodes.CrashShutdown
                or PostgresErrorCodes.CannotConnectNow
                or PostgresErrorCodes.TooManyConnections
        || state.StartsWith("08", StringComparison.Ordinal);

    private static bool IsBrokers(string type) =>
        BrokerTypes.Contains(type, StringComparer.Ordinal)
        || Array.Exists(BrokerNamespaces, n => type.StartsWith(n + ".", StringComparison.Ordinal));
}
