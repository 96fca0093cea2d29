using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Governance.ServiceDefaults;

/// <summary>The suite's own source of spans and instruments; both are named <c>Governance</c>.</summary>
public static class Telemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "Governance";

    /// <summary>Spans of the suite's own work.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    /// <summary>Instruments of the suite. Never label one by principal, grant or entitlement.</summary>
    public static Meter Meter { get; } = new(Name);

    private static readonly Counter<long> ClockSkews = Meter.CreateCounter<long>(
        "governance.clock.skews",
        "{time}",
        "Times that were not believed since they differ by more than the bound, by whose they were."
    );

    /// <summary>A clock differs by more than the bound.</summary>
    /// <param name="whose"><c>machine</c> for this process's own, else the service that told the time.</param>
    public static void ClockSkew(string whose) => ClockSkews.Add(1, new KeyValuePair<string, object?>("clock", whose));
}
