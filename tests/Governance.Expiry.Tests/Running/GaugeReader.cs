using System.Diagnostics.Metrics;
using Governance.ServiceDefaults;

namespace Governance.Expiry.Tests.Running;

/// <summary>The last value that a gauge of the suite recorded.</summary>
internal sealed class GaugeReader : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _last = -1;

    public GaugeReader(string name)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Telemetry.Name && instrument.Name == name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Volatile.Write(ref _last, value));
        _listener.Start();
    }

    public long Last => Volatile.Read(ref _last);

    public void Dispose() => _listener.Dispose();
}
