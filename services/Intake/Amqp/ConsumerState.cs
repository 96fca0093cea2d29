using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Governance.Intake.Amqp;

/// <summary>Whether requests are being taken from the queue: part of readiness.</summary>
internal sealed class ConsumerState : IHealthCheck
{
    private volatile string? _problem = "not attached yet";

    public void Attached() => _problem = null;

    public void Detached(string reason) => _problem = reason;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            _problem is { } problem
                ? HealthCheckResult.Unhealthy("No requests are taken from the queue: " + problem)
                : HealthCheckResult.Healthy()
        );
}
