namespace Governance.Expiry.Tests.Running;

/// <summary>A wall clock that can be set while the monotonic clock and the timers run on, as on a machine whose time is corrected.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private long _offset;

    public void Jump(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _offset));
}
