namespace Governance.Connectors.RabbitMq;

internal static class RabbitMqSessions
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(50);

    /// <summary>Closes a user's connections, until the broker shows none.</summary>
    /// <param name="api">The broker.</param>
    /// <param name="user">Whose.</param>
    /// <param name="virtualHost">To where; null for anywhere.</param>
    /// <param name="mayReturn">The user may connect again meanwhile; what is waited for is the end of what was open before.</param>
    /// <param name="deadline">The attempt's end.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    // A channel remembers what it was allowed. A client that does not answer is cut off by the broker after 30 s at most.
    public static async Task EndAsync(
        RabbitMqApi api,
        string user,
        string? virtualHost,
        bool mayReturn,
        AttemptDeadline deadline,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var closing = new HashSet<string>(StringComparer.Ordinal);
        var open = await OpenAsync(api, user, virtualHost, deadline, cancellationToken);
        while (open.Count > 0)
        {
            foreach (var name in open.Where(closing.Add))
            {
                await api.CloseConnectionAsync(name, deadline, cancellationToken);
            }

            if (deadline.Remaining <= LookAgainAfter)
            {
                throw new ConnectorException(
                    ConnectorErrors.Timeout,
                    "The access is gone, but connections of the account were still open when the attempt's time was over."
                );
            }

            await Task.Delay(LookAgainAfter, clock, cancellationToken);
            open = await OpenAsync(api, user, virtualHost, deadline, cancellationToken);
            if (mayReturn)
            {
                open.RemoveAll(name => !closing.Contains(name));
            }
        }
    }

    public static async Task<List<string>> OpenAsync(
        RabbitMqApi api,
        string user,
        string? virtualHost,
        AttemptDeadline? deadline,
        CancellationToken cancellationToken
    ) =>
        [
            .. (await api.ListConnectionsAsync(user, deadline, cancellationToken))
                .Where(connection => virtualHost is null || string.Equals(connection.VirtualHost, virtualHost, StringComparison.Ordinal))
                .Select(connection => connection.Name),
        ];
}
