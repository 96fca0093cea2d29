using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Governance.Policy.Tests.Running;

/// <summary>What one counter has counted by kind and result since this was made, of whatever service of this process.</summary>
internal sealed class Figures : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(string Kind, string Result), long> _sums = new();

    public Figures(string counter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == counter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(
            (_, value, tags, _) => _sums.AddOrUpdate((Tag(tags, "kind"), Tag(tags, "result")), value, (_, sum) => sum + value)
        );
        _listener.Start();
    }

    public long Of(string kind, string result) => _sums.GetValueOrDefault((kind, result));

    public void Dispose() => _listener.Dispose();

    private static string Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == name)
            {
                return (string)tag.Value!;
            }
        }

        return "";
    }
}
