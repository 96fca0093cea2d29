using MassTransit;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Governance.Messaging;

/// <summary>
/// Whether the broker answers, takes messages, and has all of this service's bus. The bus library's own check calls a lost broker degraded,
/// which counts as ready, and speaks of endpoints only.
/// </summary>
internal sealed class BrokerHealthCheck(IBusControl bus, BrokerWatch broker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var health = bus.CheckHealth();
        var whole = health.Status == BusHealthStatus.Healthy;
        return Task.FromResult(
            (broker.Silent, broker.Blocked) switch
            {
                ({ } reason, _) => HealthCheckResult.Unhealthy($"The broker does not answer: {reason}"),
                // What is asked and answered without it goes on, and what was to be sent waits.
                (_, { } reason) when whole => HealthCheckResult.Degraded($"The broker takes no messages: {reason}"),
                (_, { } reason) => HealthCheckResult.Unhealthy($"The broker takes no messages: {reason}"),
                _ when whole => HealthCheckResult.Healthy(),
                _ => HealthCheckResult.Unhealthy(health.Description),
            }
        );
    }
}
