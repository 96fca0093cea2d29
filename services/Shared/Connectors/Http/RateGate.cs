namespace Governance.Connectors.Http;

/// <summary>Keeps away from a target for as long as it asked for with Retry-After. Its clock never jumps.</summary>
internal sealed class RateGate(TimeProvider clock)
{
    /// <summary>No target may keep the suite from taking access away for longer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>How long it stays closed when the target limits and does not say for how long.</summary>
    public static readonly TimeSpan Unsaid = TimeSpan.FromSeconds(1);

    /// <summary>How often one call is sent to a target that limits it each time.</summary>
    public const int MaxLimited = 3;

    private readonly long _origin = clock.GetTimestamp();
    private long _opensAfterTicks;

    public TimeSpan Wait
    {
        get
        {
            var wait = TimeSpan.FromTicks(Interlocked.Read(ref _opensAfterTicks)) - clock.GetElapsedTime(_origin);
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }

    /// <summary>For how long an answer asks to be left alone; null when it does not.</summary>
    public TimeSpan? AskedBy(HttpResponseMessage response)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - clock.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    public void Close(TimeSpan time)
    {
        var opensAfter = (clock.GetElapsedTime(_origin) + (time < Longest ? time : Longest)).Ticks;
        long known;
        while ((known = Interlocked.Read(ref _opensAfterTicks)) < opensAfter)
        {
            Interlocked.CompareExchange(ref _opensAfterTicks, opensAfter, known);
        }
    }

    /// <summary>Waits until it opens, if that is before the time that the caller has.</summary>
    /// <exception cref="ConnectorException">It opens later; nothing was sent.</exception>
    public async Task PassAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        while (Wait is var wait && wait > TimeSpan.Zero)
        {
            if (wait >= longest)
            {
                throw new ConnectorException(
                    ConnectorErrors.Error,
                    FormattableString.Invariant(
                        $"The target limits how often it is asked and wants to be left alone for {wait.TotalSeconds:0} s."
                    )
                );
            }

            await Task.Delay(wait, clock, cancellationToken);
            longest -= wait;
        }
    }
}
