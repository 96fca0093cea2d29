using Microsoft.Extensions.Logging;

namespace Governance.EventStore.Relay;

/// <summary>Publishes a page again and again until it is out: progress stops while it is not, and nothing is passed over.</summary>
public static class PageRetry
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>Runs the attempt until it succeeds or the subscription is stopped.</summary>
    /// <param name="attempt">Publishes everything of the page; repeats carry the same ids.</param>
    /// <param name="monitor">Told of each failure, so that the process is not ready meanwhile.</param>
    /// <param name="clock">Times the pauses.</param>
    /// <param name="logger">Takes an error for each failure.</param>
    /// <param name="cancellationToken">Stops the subscription.</param>
    public static async Task UntilDoneAsync(
        Func<Task> attempt,
        SubscriptionMonitor monitor,
        TimeProvider clock,
        ILogger logger,
        CancellationToken cancellationToken
    )
    {
        var pause = TimeSpan.FromMilliseconds(50);
        while (true)
        {
            try
            {
                await attempt().ConfigureAwait(false);
                monitor.Succeeded();
                return;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                monitor.Failed("publishing failed: " + e.Message);
                Log.PublishFailed(logger, e, monitor.Name);
            }

            await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < Longest ? pause * 2 : Longest;
        }
    }
}
