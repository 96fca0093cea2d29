using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Governance.EventStore.Relay;

internal sealed class SubscriptionHealthCheck(SubscriptionMonitors monitors) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var failures = monitors
            .All.Where(m => m.Failure is not null)
            .Select(m => $"{m.Name}: {m.Failure!.Value.Problem} (since {Moments.ToWire(m.Failure!.Value.Since)})")
            .ToList();
        return Task.FromResult(
            failures.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(string.Join("; ", failures))
        );
    }
}
