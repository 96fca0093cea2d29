using Marten;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Governance.Lifecycle.Installation;

/// <summary>Nothing can be decided before a bundle and a catalog are in force.</summary>
internal sealed class InForceHealthCheck(IDocumentStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var session = store.QuerySession();
        var inForce = await session.LoadAsync<InForce>(InForce.StreamId, cancellationToken);
        return (inForce?.Catalog, inForce?.Bundle) switch
        {
            (null, _) => HealthCheckResult.Unhealthy("No catalog is in force: see the log for why the files were refused."),
            (_, null) => HealthCheckResult.Unhealthy("No policy bundle is in force: is the policy service up?"),
            _ => HealthCheckResult.Healthy(),
        };
    }
}
