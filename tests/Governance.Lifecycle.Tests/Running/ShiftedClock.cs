namespace Governance.Lifecycle.Tests.Running;

/// <summary>The system's clock, some way ahead: timers run as ever, so that a test can make things late without waiting.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private long _ahead;

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ahead, time.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));
}
