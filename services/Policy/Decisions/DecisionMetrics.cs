using System.Diagnostics.Metrics;
using System.Text.Json;
using Governance.Contracts.Decisions;
using Governance.ServiceDefaults;

namespace Governance.Policy.Decisions;

internal sealed class DecisionMetrics
{
    private readonly Histogram<double> _duration = Telemetry.Meter.CreateHistogram<double>(
        "governance.decision.duration",
        "s",
        "Time to decide, the engine's included."
    );

    public void Decided(Outcome outcome, TimeSpan took) =>
        _duration.Record(
            took.TotalSeconds,
            new KeyValuePair<string, object?>("outcome", JsonNamingPolicy.KebabCaseLower.ConvertName(outcome.ToString()))
        );
}
