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
}
