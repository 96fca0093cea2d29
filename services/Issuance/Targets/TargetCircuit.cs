using Polly.CircuitBreaker;

namespace Governance.Issuance.Targets;

/// <summary>
/// Whether a target is left alone. Taking access away goes on meanwhile, one holding after the other, and finds out that the target is back.
/// </summary>
internal sealed class TargetCircuit(TimeProvider clock)
{
    private static readonly TimeSpan BetweenProbes = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long? _probedAt;

    public CircuitBreakerStateProvider State { get; } = new();

    public CircuitBreakerManualControl Control { get; } = new();

    public bool IsOpen => State.CircuitState is not CircuitState.Closed;

    /// <summary>Whether a removal may be tried although the target is left alone.</summary>
    public bool MayProbe
    {
        get
        {
            lock (_lock)
            {
                return _probedAt is not { } at || clock.GetElapsedTime(at) >= BetweenProbes;
            }
        }
    }

    /// <summary>A removal is tried now.</summary>
    public void Probe()
    {
        lock (_lock)
        {
            _probedAt = clock.GetTimestamp();
        }
    }
}
