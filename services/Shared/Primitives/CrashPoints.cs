using System.Diagnostics;

namespace Governance;

/// <summary>
/// Named instants at which a test may kill the process, as a power cut would. They do nothing unless <c>GOVERNANCE_CRASH_AT</c> names one,
/// which only works while <c>DOTNET_ENVIRONMENT</c> or <c>ASPNETCORE_ENVIRONMENT</c> is <c>Development</c>.
/// </summary>
/// <remarks>
/// <c>GOVERNANCE_CRASH_AT=name:3</c> crashes the third time; <c>GOVERNANCE_CRASH_MARKER</c> names a file that is created just before, and
/// whose presence disarms the point, so that a restarted process does not crash again.
/// </remarks>
public static class CrashPoints
{
    private static readonly Armed? Point = Arm();
    private static int _hits;

    /// <summary>Kills this process (SIGKILL) when the named point is armed.</summary>
    public static void Reach(string name)
    {
        if (Point is { } point && string.Equals(point.Name, name, StringComparison.Ordinal))
        {
            Crash(point);
        }
    }

    private static void Crash(Armed point)
    {
        if (Interlocked.Increment(ref _hits) != point.Hit || File.Exists(point.Marker))
        {
            return;
        }

        File.WriteAllText(point.Marker, point.Name);
        Process.GetCurrentProcess().Kill();
        new ManualResetEventSlim().Wait();
    }

    private static Armed? Arm()
    {
        var wanted = Environment.GetEnvironmentVariable("GOVERNANCE_CRASH_AT");
        var marker = Environment.GetEnvironmentVariable("GOVERNANCE_CRASH_MARKER");
        var environment =
            Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT");
        if (
            string.IsNullOrEmpty(wanted)
            || string.IsNullOrEmpty(marker)
            || !string.Equals(environment, "Development", StringComparison.Ordinal)
        )
        {
            return null;
        }

        var parts = wanted.Split(':', 2);
        var hit = parts.Length == 2 && int.TryParse(parts[1], System.Globalization.CultureInfo.InvariantCulture, out var n) ? n : 1;
        return new Armed(parts[0], hit, marker);
    }

    private sealed record Armed(string Name, int Hit, string Marker);
}
