using System.Globalization;
using Governance.EndToEnd.Tests.Running;
using Npgsql;

namespace Governance.EndToEnd.Tests.Oracle;

/// <summary>
/// Measures how long committed events wait until each subscription has passed them on: from the moment that a sequence was first seen in the
/// store, or that something was last done to the suite, to the moment that the progress reached it. While a server is deliberately away, and
/// while this process itself gets no processor, nothing is measured.
/// </summary>
internal sealed class RelayWatch : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Blink = TimeSpan.FromSeconds(1);
    private static readonly string[] Services = ["lifecycle", "intake"];
    private readonly Suite _suite;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, Stall> _longest = new(StringComparer.Ordinal);
    private readonly Task _running;
    private volatile string? _outage;

    private RelayWatch(Suite suite)
    {
        _suite = suite;
        _running = Task.WhenAll(Services.Select(s => Task.Run(() => RunAsync(s))));
    }

    /// <summary>The longest wait of each subscription outside outages, and of each named outage.</summary>
    public IReadOnlyDictionary<string, Stall> Longest => _longest;

    public static RelayWatch Start(Suite suite) => new(suite);

    /// <summary>From now until disposal waits are booked under this name instead, since something is deliberately away.</summary>
    public IDisposable Outage(string name)
    {
        _outage = name;
        return new End(this);
    }

    public string Summary =>
        string.Join(
            '\n',
            _longest
                .OrderBy(l => l.Key, StringComparer.Ordinal)
                .Select(l =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"  {l.Key}: {l.Value.Length.TotalSeconds:0.00} s at {l.Value.At:HH:mm:ss.fff} (sequence {l.Value.Sequence})"
                    )
                )
        );

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(string service)
    {
        var waiting = new Dictionary<string, Queue<(long Sequence, DateTimeOffset At)>>(StringComparer.Ordinal);
        long known = 0;
        var (looked, unseen) = (DateTimeOffset.UtcNow, TimeSpan.Zero);
        await using var connection = new KeptConnection(_suite.Database(service));
        using var timer = new PeriodicTimer(Period);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    var (highest, done) = await connection.UseAsync(c => ReadAsync(c, service));
                    var now = DateTimeOffset.UtcNow;
                    unseen += now - looked > Blink ? now - looked : TimeSpan.Zero;
                    looked = now;
                    Take(service, now, unseen, ref known, highest, done, waiting);
                }
                catch (Exception e) when (e is NpgsqlException or InvalidOperationException or TimeoutException)
                {
                    // Cut like everybody's; while the database is away, that is an outage.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private void Take(
        string service,
        DateTimeOffset at,
        TimeSpan unseen,
        ref long known,
        long highest,
        Dictionary<string, long> done,
        Dictionary<string, Queue<(long Sequence, DateTimeOffset At)>> waiting
    )
    {
        var (now, disturbed) = (at - unseen, _suite.Journal.Last - unseen);
        foreach (var (name, sequence) in done)
        {
            if (!waiting.TryGetValue(name, out var queue))
            {
                waiting[name] = queue = new();
            }

            if (highest > known)
            {
                queue.Enqueue((highest, now));
            }

            if (queue.TryPeek(out var oldest))
            {
                Book($"{service} {name}", oldest.Sequence, now - (disturbed > oldest.At ? disturbed : oldest.At), at);
            }

            while (queue.TryPeek(out oldest) && oldest.Sequence <= sequence)
            {
                queue.Dequeue();
            }
        }

        known = highest;
    }

    private void Book(string name, long sequence, TimeSpan wait, DateTimeOffset now)
    {
        var key = _outage is { } outage ? $"{name} while {outage}" : name;
        lock (_longest)
        {
            if (!_longest.TryGetValue(key, out var longest) || wait > longest.Length)
            {
                _longest[key] = new Stall(wait, now, sequence, _outage is null);
            }
        }
    }

    private static async Task<(long Highest, Dictionary<string, long> Done)> ReadAsync(NpgsqlConnection connection, string schema)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select coalesce(max(seq_id), 0) from {schema}.mt_events;
            select name, last_seq_id from {schema}.mt_event_progression where name like '%:All';
            """,
            connection
        )
        {
            CommandTimeout = 5,
        };
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        var highest = reader.GetInt64(0);
        await reader.NextResultAsync();
        var done = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync())
        {
            done[reader.GetString(0).Split(':')[0]] = reader.GetInt64(1);
        }

        return (highest, done);
    }

    private sealed class End(RelayWatch watch) : IDisposable
    {
        public void Dispose()
        {
            watch._outage = null;
        }
    }
}

/// <summary>How long a sequence waited.</summary>
/// <param name="Length">From being seen to being passed on.</param>
/// <param name="At">When the wait was that long.</param>
/// <param name="Sequence">What waited.</param>
/// <param name="Counts">Whether all servers were there.</param>
internal sealed record Stall(TimeSpan Length, DateTimeOffset At, long Sequence, bool Counts);
