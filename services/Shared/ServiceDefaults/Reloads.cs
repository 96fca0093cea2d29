using System.Diagnostics.Metrics;

namespace Governance.ServiceDefaults;

/// <summary>Counts what became of changed configuration files, and shows whether what is there is refused.</summary>
/// <param name="kind"><c>bundle</c> or <c>catalog</c>.</param>
public sealed class Reloads(string kind)
{
    private static readonly Counter<long> Counted = Telemetry.Meter.CreateCounter<long>(
        "governance.configuration.reloads",
        "{reload}",
        "Changed configuration files, by kind and by what became of them: taken, refused, held or failed."
    );

    private static readonly Gauge<int> Refusing = Telemetry.Meter.CreateGauge<int>(
        "governance.configuration.refused",
        "{directory}",
        "1 while the files of a kind are refused and something older stays in force."
    );

    /// <summary>The files are valid, and in force or on their way there.</summary>
    public void Taken() => Record("taken", 0);

    /// <summary>The files are wrong.</summary>
    public void Refused() => Record("refused", 1);

    /// <summary>The files wait for an operator's word.</summary>
    public void Held() => Record("held", 1);

    /// <summary>The files could not be dealt with; it is tried again.</summary>
    public void Failed() => Record("failed", 1);

    private void Record(string result, int refused)
    {
        Counted.Add(1, Tag("kind", kind), Tag("result", result));
        Refusing.Record(refused, Tag("kind", kind));
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
