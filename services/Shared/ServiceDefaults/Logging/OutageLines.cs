namespace Governance.ServiceDefaults.Logging;

/// <summary>
/// What is said of outages on the console: the line that tells of one first, and how many more were left out, from time to time and at the end.
/// What is exported has every line.
/// </summary>
/// <param name="clock">Measures how long.</param>
internal sealed class OutageLines(TimeProvider clock)
{
    /// <summary>How often it is said that an outage goes on.</summary>
    public static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(15);

    /// <summary>An outage of which nothing more is said for so long is over.</summary>
    public static readonly TimeSpan QuietFor = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>Whether a line is left out, since one of the same outage was written.</summary>
    /// <param name="what">What is away.</param>
    /// <param name="name">The line's event, or its category where it has none.</param>
    /// <param name="cause">Its cause.</param>
    public bool LeaveOut(string what, string name, string cause)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            if (!_known.TryGetValue(what, out var known))
            {
                _known[what] = new Known(now);
                return false;
            }

            known.Last = now;
            known.Cause = cause;
            known.Lines[name] = known.Lines.GetValueOrDefault(name) + 1;
            return true;
        }
    }

    /// <summary>What is to be said now.</summary>
    public IReadOnlyList<OutageReport> Due()
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var due = new List<OutageReport>();
            foreach (var (what, known) in _known.ToList())
            {
                var over = clock.GetElapsedTime(known.Last, now) >= QuietFor;
                if (over)
                {
                    _known.Remove(what);
                }
                else if (known.Lines.Count == 0 || clock.GetElapsedTime(known.Told, now) < TellEvery)
                {
                    continue;
                }

                due.Add(
                    new OutageReport(what, over, clock.GetElapsedTime(known.First, over ? known.Last : now), known.Counts(), known.Cause)
                );
                known.Told = now;
                known.Lines.Clear();
            }

            return due;
        }
    }

    private sealed class Known(long first)
    {
        public long First { get; } = first;
        public long Told { get; set; } = first;
        public long Last { get; set; } = first;
        public string Cause { get; set; } = "";
        public Dictionary<string, int> Lines { get; } = new(StringComparer.Ordinal);

        public string Counts() =>
            Lines.Count == 0
                ? "none"
                : string.Join(
                    ", ",
                    Lines
                        .OrderByDescending(l => l.Value)
                        .ThenBy(l => l.Key, StringComparer.Ordinal)
                        .Select(l => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{l.Key} {l.Value}"))
                );
    }
}

/// <summary>What is said of an outage.</summary>
/// <param name="What">What is away.</param>
/// <param name="Over">Whether it is over.</param>
/// <param name="Lasted">Since when it is said; from first to last where it is over.</param>
/// <param name="LeftOut">The lines that were left out since the last report, by event.</param>
/// <param name="Cause">Of the last of them.</param>
internal sealed record OutageReport(string What, bool Over, TimeSpan Lasted, string LeftOut, string Cause);
