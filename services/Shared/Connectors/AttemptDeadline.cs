namespace Governance.Connectors;

/// <summary>The hard end of an attempt, on a clock that never jumps.</summary>
/// <remarks>A process that was stopped and wakes up later finds that it has passed.</remarks>
public sealed class AttemptDeadline
{
    private readonly TimeProvider _clock;
    private readonly long _started;
    private readonly TimeSpan _length;

    /// <param name="clock">The clock, of which the monotonic reading is used.</param>
    /// <param name="started">The clock's <see cref="TimeProvider.GetTimestamp"/> from before the attempt was claimed.</param>
    /// <param name="length">How long the attempt may take.</param>
    public AttemptDeadline(TimeProvider clock, long started, TimeSpan length)
    {
        _clock = clock;
        _started = started;
        _length = length;
    }

    /// <summary>Starts now.</summary>
    public static AttemptDeadline After(TimeProvider clock, TimeSpan length) => new(clock, clock.GetTimestamp(), length);

    /// <summary>What is left; zero when it has passed.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var left = _length - _clock.GetElapsedTime(_started);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Returns what is left.</summary>
    /// <exception cref="ConnectorException">It has passed: nothing must be sent to the target any more.</exception>
    public TimeSpan RemainingOrThrow() => Remaining is var left && left > TimeSpan.Zero ? left : throw ConnectorException.DeadlinePassed();
}
