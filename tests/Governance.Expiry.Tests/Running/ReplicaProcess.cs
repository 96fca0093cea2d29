using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Governance.Testing;

namespace Governance.Expiry.Tests.Running;

/// <summary>Expiry as a process of its own, so that it can be killed at a named instant.</summary>
internal sealed class ReplicaProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;
    private readonly StringBuilder _output = new();

    private ReplicaProcess(Process process, Uri address, string marker)
    {
        _process = process;
        _http = new HttpClient { BaseAddress = address };
        Marker = marker;
    }

    /// <summary>Exists when the crash point was reached.</summary>
    public string Marker { get; }

    public int Id => _process.Id;

    public static ReplicaProcess Start(World world, string? crashAt)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var marker = Path.Combine(Path.GetTempPath(), $"expiry-crash-{Guid.NewGuid():N}");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Governance.Expiry.dll")])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["ConnectionStrings__Database"] = world.Database,
                ["Bus__Url"] = world.BusUrl,
                ["Expiry__FirstRepeat"] = "00:00:01",
                ["Kestrel__Endpoints__Http__Url"] = address.ToString(),
            },
        };
        if (crashAt is not null)
        {
            start.Environment["GOVERNANCE_CRASH_AT"] = crashAt;
            start.Environment["GOVERNANCE_CRASH_MARKER"] = marker;
        }

        var replica = new ReplicaProcess(new Process { StartInfo = start }, address, marker);
        replica.Run();
        return replica;
    }

    public Task ReadyAsync() =>
        Eventually.Until(
            async () => (await _http.GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode,
            TimeSpan.FromSeconds(60),
            describe: () => _output.ToString()
        );

    public Task ExitedAsync() => _process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _http.Dispose();
        File.Delete(Marker);
    }

    private void Run()
    {
        _process.OutputDataReceived += (_, e) => Keep(e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }
}
