using System.Diagnostics.Metrics;
using Governance.ServiceDefaults;

namespace Governance.Issuance.Reconciling;

internal sealed class IssuanceMetrics
{
    private readonly Counter<long> _attempts = Telemetry.Meter.CreateCounter<long>(
        "governance.issuance.attempts",
        "{attempt}",
        "Attempts to make a target match a holding, by outcome."
    );

    private readonly Histogram<double> _duration = Telemetry.Meter.CreateHistogram<double>(
        "governance.issuance.attempt.duration",
        "s",
        "How long attempts took."
    );

    public void Attempted(string target, string outcome, TimeSpan took)
    {
        _attempts.Add(1, new("target", target), new("outcome", outcome));
        _duration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("target", target));
    }
}
