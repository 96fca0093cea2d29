using Npgsql;

namespace Governance.Expiry.Deadlines;

/// <summary>
/// Waits for the database as long as it takes, holding the message. Giving up would move a deadline to an error queue for no fault of its
/// own, and there is nothing else this service could do meanwhile.
/// </summary>
internal static class Patience
{
    private const string IdleInTransactionSessionTimeout = "25P03";

    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(500);

    public static async Task UntilTheDatabaseAnswersAsync(
        Func<CancellationToken, Task> change,
        TimeProvider clock,
        ILogger log,
        CancellationToken cancellationToken
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await change(cancellationToken);
                return;
            }
            catch (Exception e) when (cancellationToken.IsCancellationRequested || IsPassing(e))
            {
                // Only a cancellation by the message's own token gives the message back to its queue; any other failure gives it up.
                cancellationToken.ThrowIfCancellationRequested();
                if (int.IsPow2(attempt))
                {
                    log.DatabaseAway(e, attempt);
                }
            }

            var delay = TimeSpan.FromMilliseconds(10 * Math.Pow(2, Math.Min(attempt, 6)));
            await Task.Delay(delay < Longest ? delay : Longest, clock, cancellationToken);
        }
    }

    // What the server canceled or ended was not the message's fault either.
    private static bool IsPassing(Exception exception) =>
        exception switch
        {
            PostgresException { SqlState: PostgresErrorCodes.QueryCanceled or IdleInTransactionSessionTimeout } => true,
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InvalidPassword } => true,
            NpgsqlException e => e.IsTransient,
            TimeoutException => true,
            _ => false,
        };
}
