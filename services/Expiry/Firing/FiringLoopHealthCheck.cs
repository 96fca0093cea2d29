using Governance.Expiry.Schema;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Governance.Expiry.Firing;

internal sealed class FiringLoopHealthCheck(Heartbeat heartbeat, SchemaReady schema) : IHealthCheck
{
    // More than a publish that times out and the longest pause after it.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(8);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            (schema.IsReady, heartbeat.Age) switch
            {
                (false, _) => HealthCheckResult.Unhealthy("The schema is not ready."),
                (_, var age) when age > Longest => HealthCheckResult.Unhealthy(
                    $"The firing loop has not succeeded for {age.TotalSeconds:F0} s."
                ),
                _ => HealthCheckResult.Healthy(),
            }
        );
}
