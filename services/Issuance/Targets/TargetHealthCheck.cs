using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Governance.Issuance.Targets;

/// <summary>Says of each target what stands in the way of giving access there. The service stays in service: taking away goes on.</summary>
internal sealed class TargetHealthCheck(TargetGuard guard) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var all = guard.All.ToList();
        var told = all.SelectMany(one => Of(one.Target, one.Verdict, one.Silent)).ToList();
        var text = told.Count == 0 ? null : string.Join("; ", told);
        return Task.FromResult(
            all.Any(one => one.Verdict is { Blocked: not null } or { Places.Count: > 0 })
                ? HealthCheckResult.Degraded(text)
                : HealthCheckResult.Healthy(text)
        );
    }

    private static IEnumerable<string> Of(string target, TargetVerdict? verdict, string? silent)
    {
        if (verdict is { Changed: true })
        {
            yield return $"{target}: nothing is given, and nothing counts as gone, since another target answers than the one that was accepted";
        }

        foreach (var obstacle in verdict?.Obstacles ?? [])
        {
            yield return $"{target}: nothing is given: {obstacle}";
        }

        foreach (var place in verdict?.Places ?? [])
        {
            yield return $"{target}: {place.Place.Privilege} is not given to {place.Place.Account}: {place.Reason}";
        }

        foreach (var limit in verdict?.Limits ?? [])
        {
            yield return $"{target}: {limit}";
        }

        if (silent is not null)
        {
            yield return $"{target}: can't be looked at: {silent}";
        }
    }
}
