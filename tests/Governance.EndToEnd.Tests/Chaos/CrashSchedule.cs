using System.Globalization;
using Governance.EndToEnd.Tests.Running;

namespace Governance.EndToEnd.Tests.Chaos;

/// <summary>
/// Crashes one service at each of its crash points. A replica that starts is armed with the next point; when it has crashed there, it is
/// started again with the one after. A point that only the leader reaches fires once the replica leads: the others are killed for it.
/// </summary>
internal sealed class CrashSchedule
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
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
                Nudge();
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

            if (!_waiting.TryDequeue(out var point))
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

    // The replica whose point is due longest is let lead.
    private void Nudge()
    {
        Replica? keep;
        lock (_gate)
        {
            keep = _armed.FirstOrDefault(a => !_fired.Contains(a.Value) && IsForLeaders(a.Value)).Key;
        }

        foreach (var replica in _replicas.Where(r => keep is not null && r != keep))
        {
            _suite.Journal.Note($"{replica.Name} is killed, so that {keep!.Name} leads");
            replica.Kill();
        }
    }
}
