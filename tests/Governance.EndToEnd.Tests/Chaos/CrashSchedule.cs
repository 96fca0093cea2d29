using System.Globalization;
using Governance.EndToEnd.Tests.Running;

namespace Governance.EndToEnd.Tests.Chaos;

/// <summary>
/// Crashes one service at each of its crash points. One replica at a time is armed with the next point when it starts; once it has crashed
/// there, the one that starts next is armed with the one after. A point that only the leader reaches fires once the replica leads: the lead is
/// taken from the others for it.
/// </summary>
internal sealed class CrashSchedule
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);
    private readonly Suite _suite;
    private readonly IReadOnlyList<Replica> _replicas;
    private readonly Lock _gate = new();
    private readonly Queue<string> _waiting;
    private readonly Dictionary<Replica, string> _armed = [];
    private readonly HashSet<string> _fired = new(StringComparer.Ordinal);
    private readonly Random _random;

    public CrashSchedule(Suite suite, string service, IReadOnlyList<string> points, int seed)
    {
        _suite = suite;
        _replicas = suite.Of(service);
        _random = new Random(seed);
        _waiting = new Queue<string>(points);
        Points = points;
    }

    public IReadOnlyList<string> Points { get; }

    /// <summary>Points that never fired.</summary>
    public IReadOnlyList<string> Missed => [.. Points.Except(_fired, StringComparer.Ordinal)];

    public async Task RunAsync(TimeSpan timeout)
    {
        var until = DateTimeOffset.UtcNow + timeout;
        foreach (var replica in _replicas)
        {
            replica.OnStart = () => Arm(replica);
            replica.Kill();
        }

        var quietSince = DateTimeOffset.UtcNow;
        while (_fired.Count < Points.Count && DateTimeOffset.UtcNow < until)
        {
            await Task.Delay(Period);
            if (TakeFired())
            {
                quietSince = DateTimeOffset.UtcNow;
            }
            else if (
                DateTimeOffset.UtcNow - quietSince > Patience
                && (await Task.WhenAll(_replicas.Select(r => r.IsReadyAsync()))).All(r => r)
            )
            {
                await NudgeAsync();
                quietSince = DateTimeOffset.UtcNow;
            }
        }

        foreach (var replica in _replicas)
        {
            replica.OnStart = null;
        }
    }

    private string Marker(string point) => Path.Combine(_suite.Home, "crash-" + point);

    private Dictionary<string, string> Arm(Replica replica)
    {
        lock (_gate)
        {
            if (_armed.Remove(replica, out var before) && !File.Exists(Marker(before)))
            {
                _waiting.Enqueue(before);
            }

            // Two at once would take away the leader and its successor in the same second, over and over: that says nothing about either.
            if (_armed.Values.Any(p => !File.Exists(Marker(p))) || !_waiting.TryDequeue(out var point))
            {
                return [];
            }

            _armed[replica] = point;
            // Refusals are rare in the load; elsewhere not only the first time counts.
            var hit =
                point.Contains("refus", StringComparison.Ordinal) || point.Contains("reject", StringComparison.Ordinal)
                    ? 1
                    : _random.Next(1, 4);
            return new(StringComparer.Ordinal)
            {
                ["GOVERNANCE_CRASH_AT"] = $"{point}:{hit.ToString(CultureInfo.InvariantCulture)}",
                ["GOVERNANCE_CRASH_MARKER"] = Marker(point),
            };
        }
    }

    private bool TakeFired()
    {
        lock (_gate)
        {
            var news = Points.Where(p => !_fired.Contains(p) && File.Exists(Marker(p))).ToList();
            news.ForEach(p => _suite.Journal.Note("crashed at " + p));
            _fired.UnionWith(news);
            return news.Count > 0;
        }
    }

    private static bool IsForLeaders(string point) =>
        point.Contains(".relay.", StringComparison.Ordinal) || point.Contains(".decisions.", StringComparison.Ordinal);

    // The replica whose point is due is let lead: the others lose their locks and are stopped until it has them. They are there to take over.
    private async Task NudgeAsync()
    {
        Replica? keep;
        string? point;
        lock (_gate)
        {
            (keep, point) = _armed.FirstOrDefault(a => !_fired.Contains(a.Value) && IsForLeaders(a.Value));
        }

        if (keep is null)
        {
            return;
        }

        var others = _replicas.Where(r => r != keep).ToList();
        _suite.Journal.Note($"the lead is taken from {string.Join(", ", others.Select(o => o.Name))}, so that {keep.Name} leads");
        await Task.WhenAll(others.Select(o => o.FreezeAsync()));
        try
        {
            foreach (var other in others)
            {
                await _suite.TakeLeadAsync(other);
            }

            var until = DateTimeOffset.UtcNow + Patience;
            while (!File.Exists(Marker(point!)) && DateTimeOffset.UtcNow < until)
            {
                await Task.Delay(Period);
            }
        }
        finally
        {
            await Task.WhenAll(others.Select(o => o.ThawAsync()));
        }
    }
}
