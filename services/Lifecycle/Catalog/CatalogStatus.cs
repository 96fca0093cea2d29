using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Governance.Lifecycle.Catalog;

/// <summary>Why the catalog's files are not what is in force.</summary>
internal sealed class CatalogStatus : IHealthCheck
{
    private volatile string? _problem;

    public void Fine() => _problem = null;

    public void Refused(IEnumerable<string> errors) =>
        _problem = "A newer catalog was refused, and the old one stays: " + string.Join("; ", errors);

    public void Held(string catalog, string losses) =>
        _problem =
            $"The newer catalog {catalog} is held, and the old one stays: it lacks {losses}. Put that back, or say that it is meant: "
            + $"governance catalog accept {catalog} --reason … --as …";

    public void Failing() =>
        _problem = "The catalog could not be recorded, and the old one stays; it is tried again, and the log says why (1104).";

    // With an older catalog the service goes on: it is degraded, and alerts, but stays ready. Without any, another check says so.
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_problem is { } problem ? HealthCheckResult.Degraded(problem) : HealthCheckResult.Healthy());
}
