using System.Globalization;
using Governance.Testing;

namespace Governance.EndToEnd.Tests.Running;

/// <summary>A clock that only one process has, by libfaketime: it can be set while the process runs. Its monotonic clock goes on as ever.</summary>
internal sealed class MovableClock
{
    private readonly string _file;

    private MovableClock(string file, string library)
    {
        _file = file;
        Set(TimeSpan.Zero);
        Environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["LD_PRELOAD"] = library,
            ["FAKETIME_TIMESTAMP_FILE"] = file,
            ["FAKETIME_CACHE_DURATION"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
            ["DONT_FAKE_MONOTONIC"] = "1",
            // Else every timed wait of .NET returns at once, and its threads spin.
            ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0",
        };
    }

    /// <summary>What the process has to be started with.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>By how much it is ahead.</summary>
    public TimeSpan Ahead { get; private set; }

    /// <param name="file">Where it is kept how far ahead it is.</param>
    public static async Task<MovableClock> CreateAsync(string file) => new(file, await FindAsync());

    /// <summary>The process sees it within a second.</summary>
    public void Set(TimeSpan ahead)
    {
        Ahead = ahead;
        // The process may read at any moment.
        var written = _file + ".new";
        File.WriteAllText(written, ahead.TotalSeconds.ToString("+0.###;-0.###;+0", CultureInfo.InvariantCulture));
        File.Move(written, _file, overwrite: true);
    }

    private static async Task<string> FindAsync()
    {
        var found = await Command.RunAsync(
            "bash",
            ["-c", ". \"$1\" && require_packages faketime && faketime_library", "bash", RepositoryRoot.File("deploy", "local", "lib.sh")],
            TimeSpan.FromMinutes(5)
        );
        return found.Succeeded ? found.Output.Trim() : throw new ServersUnavailableException(found.Error);
    }
}
