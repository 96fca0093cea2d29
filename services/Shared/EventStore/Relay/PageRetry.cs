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
    /// <param name="logger">Takes a line for the first failure of a row, and then ever more rarely.</param>
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
        for (var tries = 1; ; tries++)
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
                if (int.IsPow2(tries))
                {
                    Log.PublishFailed(logger, monitor.Name, tries, e.GetType().Name + ": " + e.Message);
                }
            }

            await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < Longest ? pause * 2 : Longest;
        }
    }
}
