using System.Diagnostics.Metrics;
using Governance.ServiceDefaults;

namespace Governance.Expiry;

// Every replica reports the same gauges: aggregate them by maximum, not by sum.
internal static class Metrics
{
    public static readonly Histogram<double> Lateness = Telemetry.Meter.CreateHistogram<double>(
        "governance.expiry.lateness",
        "s",
        "From the time a deadline was due, or set if that was later, to the broker's confirm of its first firing.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
        }
    );

    public static readonly Counter<long> Firings = Telemetry.Meter.CreateCounter<long>(
        "governance.expiry.firings",
        "{firing}",
        "Firings confirmed by the broker; the label tells a first one from a repeat."
    );

    public static readonly Gauge<long> Armed = Telemetry.Meter.CreateGauge<long>(
        "governance.expiry.armed",
        "{deadline}",
        "Deadlines that have not fired yet."
    );

    public static readonly Gauge<long> Unacknowledged = Telemetry.Meter.CreateGauge<long>(
        "governance.expiry.unacknowledged",
        "{deadline}",
        "Deadlines that fired and are not acknowledged."
    );

    public static readonly Gauge<long> Overdue = Telemetry.Meter.CreateGauge<long>(
        "governance.expiry.overdue",
        "{deadline}",
        "Deadlines unacknowledged for longer than the alert's bound."
    );
}
