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

    private readonly Histogram<double> _readAgain = Telemetry.Meter.CreateHistogram<double>(
        "governance.issuance.read.again.duration",
        "s",
        "How long it took to read again what matched before, by outcome: there, missing, not-read or overtaken."
    );

    public void ReadAgain(string target, string outcome, TimeSpan took) =>
        _readAgain.Record(took.TotalSeconds, new("target", target), new("outcome", outcome));

    public void Attempted(string target, string outcome, TimeSpan took)
    {
        _attempts.Add(1, new("target", target), new("outcome", outcome));
        _duration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("target", target));
    }
}
