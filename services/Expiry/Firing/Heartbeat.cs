namespace Governance.Expiry.Firing;

/// <summary>When the firing loop last had a turn without a failure. Counted by the monotonic clock, so that a jump of the wall clock is no failure.</summary>
internal sealed class Heartbeat(TimeProvider clock)
{
    private long _last = clock.GetTimestamp();

    public TimeSpan Age => clock.GetElapsedTime(Volatile.Read(ref _last));

    public void Beat() => Volatile.Write(ref _last, clock.GetTimestamp());
}
