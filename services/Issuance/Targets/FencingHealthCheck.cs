using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Governance.Issuance.Targets;

/// <summary>Names the targets that can't be fenced although their kind can. The replica stays in service: access has to end there all the same.</summary>
internal sealed class FencingHealthCheck(TargetCatalog targets) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var unfenced = targets.All.Where(target => target.Unfenced).Select(target => target.Id).ToList();
        return Task.FromResult(
            HealthCheckResult.Healthy(
                unfenced.Count == 0
                    ? null
                    : $"Not fenced, since the suite's account may not keep a table governance.holdings there: {string.Join(", ", unfenced)}"
            )
        );
    }
}
