using System.Diagnostics;
using System.Globalization;
using Governance.Testing;

namespace Governance.EndToEnd.Tests.Running;

/// <summary>
/// One replica of a service as a process that is started again whenever it ends, and killed when it does not answer its liveness probe,
/// as an orchestrator would.
/// </summary>
internal sealed class Replica : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ProbePeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Unresponsive = TimeSpan.FromSeconds(3);
    private readonly string _dll;
    private readonly string _log;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly Journal _journal;
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http;
    private Process? _process;
    private Task _watching = Task.CompletedTask;
    private Task _probing = Task.CompletedTask;
    private volatile bool _expected;

    public Replica(
        string service,
        int index,
        string dll,
        string directory,
        IReadOnlyDictionary<string, string> environment,
        Uri address,
        Journal journal
    )
    {
        (Service, Name, Address) = (service, $"{service}-{index.ToString(CultureInfo.InvariantCulture)}", address);
        (_dll, _environment, _journal) = (dll, environment, journal);
        _log = Path.Combine(directory, Name + ".log");
        PidFile = Path.Combine(directory, Name + ".pid");
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(2) };
    }

    public string Service { get; }

    public string Name { get; }

    public Uri Address { get; }

    public int Id { get; private set; }

    /// <summary>Times that the process ended without the harness having asked for it.</summary>
    public int UnexpectedEnds { get; private set; }

    public int Starts { get; private set; }

    /// <summary>
    /// Whether a process that does not answer its liveness probe is killed. Off unless a test is about that: on a busy machine a process may
    /// be slow for longer than a test can allow a frozen one.
    /// </summary>
    public bool ProbesLiveness { get; set; }

    /// <summary>A clock of its own; null where it has the machine's.</summary>
    public MovableClock? Clock { get; init; }

    /// <summary>Variables for the next start, for example a crash point.</summary>
    public Func<IReadOnlyDictionary<string, string>>? OnStart { get; set; }

    private string PidFile { get; }

    public void Start()
    {
        Launch();
        _watching = Task.Run(WatchAsync);
        _probing = Task.Run(ProbeAsync);
    }

    /// <summary>SIGKILL; the process is started again.</summary>
    public void Kill()
    {
        _expected = true;
        KillProcess();
    }

    /// <summary>SIGSTOP.</summary>
    public Task FreezeAsync() => SignalAsync("-STOP");

    /// <summary>SIGCONT.</summary>
    public Task ThawAsync() => SignalAsync("-CONT");

    public async Task<bool> IsReadyAsync() => await StatusAsync("/health/ready") == 200;

    /// <summary>The status of a path; 0 when nobody answers.</summary>
    public async Task<int> StatusAsync(string path)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(path, UriKind.Relative));
            return (int)response.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return 0;
        }
    }

    public async Task<string> HealthAsync()
    {
        try
        {
            using var response = await _http.GetAsync(new Uri("/health/ready", UriKind.Relative));
            return $"{Name}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return $"{Name}: {e.Message}";
        }
    }

    /// <summary>The last lines of the log.</summary>
    public bool HasLogged(string text) =>
        File.Exists(_log) && File.ReadLines(_log).Any(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>How many lines of the log have this text.</summary>
    public int Logged(string text) => File.Exists(_log) ? File.ReadLines(_log).Count(l => l.Contains(text, StringComparison.Ordinal)) : 0;

    public string LogEnd() => File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(15)) : "";

    /// <summary>SIGKILL, for good.</summary>
    public async Task EndAsync()
    {
        await _stop.CancelAsync();
        KillProcess();
        await _watching;
        await _probing;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _process?.Dispose();
        _http.Dispose();
        _stop.Dispose();
    }

    private void Launch()
    {
        _expected = false;
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec dotnet \"$1\" >>\"$2\" 2>&1", "sh", _dll, _log])
        {
            UseShellExecute = false,
        };
        var none = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in _environment.Concat(Clock?.Environment ?? none).Concat(OnStart?.Invoke() ?? none))
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        Id = _process.Id;
        Starts++;
        File.WriteAllText(PidFile, _process.Id.ToString(CultureInfo.InvariantCulture));
    }

    private async Task WatchAsync()
    {
        while (true)
        {
            await _process!.WaitForExitAsync(CancellationToken.None);
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            _journal.Note($"{Name} ended with {_process.ExitCode}{(_expected ? "" : " by itself")}");
            UnexpectedEnds += _expected ? 0 : 1;
            _process.Dispose();
            await Task.Delay(Pause, CancellationToken.None);
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            Launch();
        }
    }

    private async Task ProbeAsync()
    {
        var answered = Stopwatch.StartNew();
        var (process, started) = (0, false);
        using var timer = new PeriodicTimer(ProbePeriod);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                if (process != Id)
                {
                    (process, started) = (Id, false);
                }

                if (await StatusAsync("/health/live") == 200)
                {
                    started = true;
                    answered.Restart();
                }
                else if (started && ProbesLiveness && answered.Elapsed > Unresponsive && process == Id)
                {
                    _journal.Note($"{Name} does not answer its liveness probe and is killed");
                    Kill();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private void KillProcess()
    {
        try
        {
            _process?.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    private async Task SignalAsync(string signal)
    {
        var result = await Command.RunAsync("/bin/kill", [signal, Id.ToString(CultureInfo.InvariantCulture)], TimeSpan.FromSeconds(5));
        Assert.That(result.Succeeded, Is.True, result.Error);
    }
}
