using System.Collections.Concurrent;
using System.Globalization;

namespace Governance.EndToEnd.Tests.Running;

/// <summary>What the harness did and saw, by time: printed around what failed.</summary>
internal sealed class Journal
{
    private readonly ConcurrentQueue<(DateTimeOffset At, string What)> _lines = new();

    private long _last;

    /// <summary>When something was noted last.</summary>
    public DateTimeOffset Last => new(Interlocked.Read(ref _last), TimeSpan.Zero);

    public void Note(string what)
    {
        var now = DateTimeOffset.UtcNow;
        Interlocked.Exchange(ref _last, now.Ticks);
        _lines.Enqueue((now, what));
        TestContext.Progress.WriteLine($"{now.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)} {what}");
    }

    /// <summary>All lines.</summary>
    public IEnumerable<string> All => Lines(_ => true);

    /// <summary>Lines of a time, with some before and after.</summary>
    public IEnumerable<string> Around(DateTimeOffset from, DateTimeOffset until) =>
        Lines(l => l.At >= from - TimeSpan.FromSeconds(5) && l.At <= until + TimeSpan.FromSeconds(5));

    private IEnumerable<string> Lines(Func<(DateTimeOffset At, string What), bool> wanted) =>
        _lines.Where(wanted).Select(l => $"{l.At.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)} {l.What}");
}
