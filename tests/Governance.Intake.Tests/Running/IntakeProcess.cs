using System.Diagnostics;

namespace Governance.Intake.Tests.Running;

/// <summary>The service as a process of its own, armed to kill itself at a named point.</summary>
internal sealed class IntakeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _marker;

    private IntakeProcess(Process process, string marker) => (_process, _marker) = (process, marker);

    public static IntakeProcess Start(Surroundings surroundings, string crashPoint)
    {
        var marker = Path.Combine(Path.GetTempPath(), "governance-intake-" + Guid.NewGuid().ToString("N"));
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Governance.Intake.dll"), .. surroundings.Settings()]
        )
        {
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["GOVERNANCE_CRASH_AT"] = crashPoint,
                ["GOVERNANCE_CRASH_MARKER"] = marker,
            },
        };
        return new IntakeProcess(Process.Start(start)!, marker);
    }

    /// <summary>Waits for the crash.</summary>
    public async Task<int> UntilDeadAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
        File.Delete(_marker);
        return ValueTask.CompletedTask;
    }
}
