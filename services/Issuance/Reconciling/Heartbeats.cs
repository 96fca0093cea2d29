using System.Collections.Concurrent;

namespace Governance.Issuance.Reconciling;

/// <summary>When each loop last went round.</summary>
internal sealed class Heartbeats(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, long> _beats = new(StringComparer.Ordinal);

    public void Beat(string loop) => _beats[loop] = clock.GetTimestamp();

    public IReadOnlyList<string> SilentFor(TimeSpan time) =>
        [.. _beats.Where(b => clock.GetElapsedTime(b.Value) > time).Select(b => b.Key).Order(StringComparer.Ordinal)];

    public bool Any => !_beats.IsEmpty;
}
