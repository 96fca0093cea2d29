using System.Diagnostics.Metrics;
using Governance.ServiceDefaults;

namespace Governance.Lifecycle.Retention;

internal static class SweepMetrics
{
    private static readonly Counter<long> Alerts = Telemetry.Meter.CreateCounter<long>(
        "governance.alerts",
        "{alert}",
        "What somebody should look at, by kind."
    );

    public static void Held() => Alerts.Add(1, new KeyValuePair<string, object?>("alert", "mass-revocation-held"));
}
