namespace Governance.Lifecycle.Tests.Running;

/// <summary>The system's clock, some way ahead: timers run as ever, so that a test can make things late without waiting.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private long _ahead;
    private long _stoppedAt;

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ahead, time.Ticks);

    /// <summary>From now on time passes by <see cref="Advance"/> only: nothing is late because a machine is slow.</summary>
    public void Stop() => Interlocked.Exchange(ref _stoppedAt, base.GetUtcNow().Ticks);

    public override DateTimeOffset GetUtcNow()
    {
        var stoppedAt = Interlocked.Read(ref _stoppedAt);
        return (stoppedAt == 0 ? base.GetUtcNow() : new DateTimeOffset(stoppedAt, TimeSpan.Zero)).AddTicks(Interlocked.Read(ref _ahead));
    }
}
