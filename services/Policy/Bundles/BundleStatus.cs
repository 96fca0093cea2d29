using Governance.Cedar.Bundles;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Governance.Policy.Bundles;

/// <summary>Which bundle this process would decide with, and why newer files were refused.</summary>
internal sealed class BundleStatus : IHealthCheck
{
    private volatile State _state = new(null, null, [], null);

    public PolicyBundle? Bundle => _state.Bundle;

    public Activation? Activation => _state.Activation;

    public IReadOnlyList<string> Faults => _state.Faults;

    /// <summary>The files are valid: nothing is refused any more.</summary>
    public void Loaded(PolicyBundle bundle, Activation activation) => _state = new State(bundle, activation, [], null);

    /// <summary>What is stored is to be in force, whatever the files of this process are.</summary>
    public void InForce(PolicyBundle bundle, Activation activation) => _state = _state with { Bundle = bundle, Activation = activation };

    public void Refused(IReadOnlyList<string> faults) => _state = _state with { Faults = faults };

    /// <summary>Files and store can't be dealt with now.</summary>
    /// <param name="what">In words; null when they can.</param>
    public void Failing(string? what) => _state = _state with { Failing = what };

    // A refused change leaves the service able to decide: it is degraded, and alerts, but stays ready.
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            _state switch
            {
                { Bundle: null, Faults.Count: 0 } => HealthCheckResult.Unhealthy("No bundle is loaded yet."),
                { Bundle: null } s => HealthCheckResult.Unhealthy("The bundle was refused: " + string.Join("; ", s.Faults)),
                { Faults.Count: > 0 } s => HealthCheckResult.Degraded(
                    "A newer bundle was refused, and the old one stays: " + string.Join("; ", s.Faults)
                ),
                { Failing: { } what } => HealthCheckResult.Degraded($"{what}; it is tried again, and the log says why (1203)."),
                _ => HealthCheckResult.Healthy(),
            }
        );

    private sealed record State(PolicyBundle? Bundle, Activation? Activation, IReadOnlyList<string> Faults, string? Failing);
}
