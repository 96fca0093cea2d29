using MassTransit;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Governance.Messaging;

/// <summary>Not ready unless the bus is wholly there. The bus library's own check calls a lost broker degraded, which counts as ready.</summary>
internal sealed class BrokerHealthCheck(IBusControl bus) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var health = bus.CheckHealth();
        return Task.FromResult(
            health.Status == BusHealthStatus.Healthy ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(health.Description)
        );
    }
}
