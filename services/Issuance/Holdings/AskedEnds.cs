using System.Collections.Concurrent;

namespace Governance.Issuance.Holdings;

/// <summary>
/// How far Lifecycle has come with what is over. Those that it asks for now were over before many that it will ask for next, and whoever
/// takes these away meanwhile does it twice. What was over earlier than all it asks for has been forgotten, however busy it is.
/// </summary>
internal sealed class AskedEnds(TimeProvider clock)
{
    /// <summary>For how long, at least, what was asked for says that more will be; at most twice as long.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Window> _targets = new(StringComparer.Ordinal);

    /// <summary>A holding was asked to be taken away whose last lease ended, or ends, then.</summary>
    public void Add(string target, DateTimeOffset lastUntil)
    {
        var window = _targets.GetOrAdd(target, static (_, now) => new(now), clock.GetTimestamp());
        lock (window)
        {
            Turn(window);
            window.Current = Earlier(window.Current, lastUntil);
        }
    }

    /// <summary>The earliest end that was asked for of late; null when there was none.</summary>
    public DateTimeOffset? Earliest(string target)
    {
        if (!_targets.TryGetValue(target, out var window))
        {
            return null;
        }

        lock (window)
        {
            Turn(window);
            return Earlier(window.Current, window.Before);
        }
    }

    private void Turn(Window window)
    {
        var now = clock.GetTimestamp();
        var passed = clock.GetElapsedTime(window.Since, now);
        if (passed < Remembered)
        {
            return;
        }

        window.Before = passed < 2 * Remembered ? window.Current : null;
        window.Current = null;
        window.Since = now;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b ?? a : a;

    private sealed class Window(long since)
    {
        public long Since { get; set; } = since;

        public DateTimeOffset? Current { get; set; }

        public DateTimeOffset? Before { get; set; }
    }
}
