using Polly.CircuitBreaker;

namespace Governance.Issuance.Targets;

/// <summary>
/// Whether a target is left alone. Taking access away goes on meanwhile, one holding after the other, and finds out that the target is back.
/// </summary>
internal sealed class TargetCircuit
{
    public CircuitBreakerStateProvider State { get; } = new();

    public CircuitBreakerManualControl Control { get; } = new();

    public bool IsOpen => State.CircuitState is not CircuitState.Closed;
}
