using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Governance.Lifecycle.Retention;

/// <summary>Whether a sweep waits for an operator's word, and how to give it.</summary>
internal sealed class HeldSweepHealthCheck(SweptGrants grants) : IHealthCheck
{
    // Access that is decided on goes on being given and taken: the service is degraded, and stays ready.
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await grants.HeldAsync(cancellationToken) is { } held
            ? HealthCheckResult.Degraded(
                string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"The sweep {held.Id} is held: it would take away {held.Forbidden} of {held.Total} active grants, and takes away none. "
                ) + $"Put the old bundle or catalog back, or say that they shall go: governance sweeps confirm {held.Id} --as …"
            )
            : HealthCheckResult.Healthy();
}
