using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Governance.Issuance.Reconciling;

internal sealed class LoopHealthCheck(Heartbeats heartbeats, IOptions<IssuanceOptions> options) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var silent = heartbeats.SilentFor(options.Value.PollInterval + Patience);
        return Task.FromResult(
            !heartbeats.Any ? HealthCheckResult.Unhealthy("No loop runs yet.")
            : silent.Count > 0 ? HealthCheckResult.Unhealthy("These loops have stopped: " + string.Join(", ", silent))
            : HealthCheckResult.Healthy()
        );
    }
}
