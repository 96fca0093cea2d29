using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;

namespace Governance.Testing.Tests;

public class When_a_process_that_uses_private_servers_is_killed
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Test]
    public async Task Should_leave_no_server_and_no_file_behind()
    {
        var script = RepositoryRoot.File("deploy", "local", "servers");
        var directory = Path.Combine(Path.GetTempPath(), $"governance-watch-{Environment.ProcessId}");
        using var user = Process.Start(new ProcessStartInfo("sleep", ["600"]) { UseShellExecute = false })!;
        var watched = user.Id.ToString(CultureInfo.InvariantCulture);
        string[] start = ["start", "--dir", directory, "--servers", "target", "--watch", watched, "--install"];
        var started = await Command.RunAsync(script, start, Patience);
        Assert.That(started.Succeeded, Is.True, started.Error);
        var server = (await File.ReadAllTextAsync(Path.Combine(directory, "run", "target.pid"))).Split(' ')[0];

        user.Kill();

        await Eventually.Until(() => Task.FromResult(Directory.Exists(directory)), Is.False);
        await Eventually.Until(() => StateOfAsync(server), Is.EqualTo("gone"));
    }

    // A zombie has ended; it only waits for whoever adopted it to take note.
    private static async Task<string> StateOfAsync(string process)
    {
        var stat = $"/proc/{process}/stat";
        if (!File.Exists(stat))
        {
            return "gone";
        }

        var state = (await File.ReadAllTextAsync(stat)).Split(") ")[^1][0];
        return state == 'Z' ? "gone" : state.ToString();
    }
}
