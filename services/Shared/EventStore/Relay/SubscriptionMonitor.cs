using System.Collections.Concurrent;

namespace Governance.EventStore.Relay;

/// <summary>What a subscription of this process is doing. Thread-safe.</summary>
public sealed class SubscriptionMonitor(string name, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private int _working;
    private volatile bool _hasWorked;
    private string? _problem;
    private DateTimeOffset? _failingSince;

    /// <summary>The subscription's name.</summary>
    public string Name => name;

    /// <summary>True while a page is being worked on: then a publish that fails is the reason for standing still, not a dead agent.</summary>
    public bool IsWorking => Volatile.Read(ref _working) > 0;

    /// <summary>True once a page has reached the subscription in this process: before that its agent may still be starting.</summary>
    public bool HasWorked => _hasWorked;

    /// <summary>What is wrong and since when (UTC); null when nothing is.</summary>
    public (string Problem, DateTimeOffset Since)? Failure
    {
        get
        {
            lock (_gate)
            {
                return _problem is { } problem && _failingSince is { } since ? (problem, since) : null;
            }
        }
    }

    /// <summary>Marks the time from now until disposal as work on a page.</summary>
    public IDisposable Working()
    {
        Interlocked.Increment(ref _working);
        _hasWorked = true;
        return new Work(this);
    }

    /// <summary>Records a failure; the first of a row counts as its beginning.</summary>
    public void Failed(string problem)
    {
        lock (_gate)
        {
            _problem = problem;
            _failingSince ??= clock.GetUtcNow();
        }
    }

    /// <summary>Ends a row of failures.</summary>
    public void Succeeded()
    {
        lock (_gate)
        {
            _problem = null;
            _failingSince = null;
        }
    }

    private sealed class Work(SubscriptionMonitor monitor) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref monitor._working);
    }
}

/// <summary>The monitors of this process' subscriptions, by name.</summary>
public sealed class SubscriptionMonitors(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, SubscriptionMonitor> _monitors = new(StringComparer.Ordinal);

    /// <summary>Every monitor so far.</summary>
    public IEnumerable<SubscriptionMonitor> All => _monitors.Values;

    /// <summary>The monitor of a subscription.</summary>
    public SubscriptionMonitor For(string name) => _monitors.GetOrAdd(name, n => new SubscriptionMonitor(n, clock));
}
