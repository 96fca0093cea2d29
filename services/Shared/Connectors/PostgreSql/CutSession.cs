using Npgsql;

namespace Governance.Connectors.PostgreSql;

/// <summary>A session that broke after a change was sent: once it is gone at the server, what it did is done, and nothing more comes.</summary>
internal static class CutSession
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    /// <summary>Whether the server has been seen without it, within a second and before the attempt's hard end.</summary>
    /// <param name="source">The server.</param>
    /// <param name="session">The session's process there, as it told when it began.</param>
    /// <param name="deadline">The hard end.</param>
    /// <param name="clock">Times the pauses.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<bool> IsGoneAsync(
        NpgsqlDataSource source,
        int session,
        AttemptDeadline deadline,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(deadline.Remaining < Patience ? deadline.Remaining : Patience);
        try
        {
            await using var connection = await source.OpenConnectionAsync(patience.Token);
            while (true)
            {
                // A pooler between us tells its own numbers, and then nobody knows.
                var answer = await connection.ReadAsync(
                    "select pg_backend_pid() = $2, not exists (select from pg_stat_activity where pid = $1)",
                    [session, connection.ProcessID],
                    row => (Straight: row.GetBoolean(0), Gone: row.GetBoolean(1)),
                    patience.Token
                );
                var (straight, gone) = answer.Single();
                if (!straight || gone)
                {
                    return straight;
                }

                await Task.Delay(Period, clock, patience.Token);
            }
        }
        catch (Exception e) when (PostgreSqlErrors.IsOfTheTarget(e) || e is OperationCanceledException)
        {
            return false;
        }
    }
}
