using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Testing;

namespace Governance.Cli.Tests.Running;

/// <summary>What a command wrote, and what it ended with.</summary>
internal sealed record Run(int ExitCode, string Output, string Error)
{
    public JsonNode Json => JsonNode.Parse(Output)!;

    public IReadOnlyList<string> Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public override string ToString() => $"exit {ExitCode}\n{Output}\n{Error}";
}

/// <summary>The command line, in this process or as the program that was built.</summary>
internal static class CommandLine
{
    public static Task<Run> RunAsync(params string[] args) => RunAsync(new Dictionary<string, string>(StringComparer.Ordinal), args);

    public static async Task<Run> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await GovernanceCommand.RunAsync(args, new Terminal(output, error, isInteractive: false, environment.GetValueOrDefault));
        return new Run(code, output.ToString(), error.ToString());
    }

    /// <summary>As if somebody watched.</summary>
    public static async Task<Run> WatchAsync(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await GovernanceCommand.RunAsync(args, new Terminal(output, error, isInteractive: true, _ => null));
        return new Run(code, output.ToString(), error.ToString());
    }

    /// <summary>As if somebody watched, and typed a line.</summary>
    public static async Task<Run> AnswerAsync(string line, params string[] args)
    {
        var (output, error, input) = (new StringWriter(), new StringWriter(), new StringReader(line + "\n"));
        var code = await GovernanceCommand.RunAsync(args, new Terminal(output, error, isInteractive: true, _ => null, input));
        return new Run(code, output.ToString(), error.ToString());
    }

    /// <summary>The program, until it has come so far and gets a signal.</summary>
    /// <param name="signal">INT or TERM.</param>
    /// <param name="far">Waits until it has come so far; is given what it has complained of.</param>
    /// <param name="args">Of the program.</param>
    public static async Task<Run> StopAsync(string signal, Func<Func<string>, Task> far, params string[] args)
    {
        var error = new StringBuilder();
        string Errors()
        {
            lock (error)
            {
                return error.ToString();
            }
        }

        // Whoever started the tests may ignore Ctrl+C, and would hand that on.
        using var process = Process.Start(
            new ProcessStartInfo(
                "env",
                ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "governance.dll"), .. args]
            )
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (error)
            {
                error.Append(line.Data is null ? "" : line.Data + "\n");
            }
        };
        process.BeginErrorReadLine();
        var output = process.StandardOutput.ReadToEndAsync();
        try
        {
            await far(Errors);
            var pid = process.Id.ToString(CultureInfo.InvariantCulture);
            var sent = await Command.RunAsync("bash", ["-c", $"kill -{signal} {pid}"], TimeSpan.FromSeconds(10));
            Assert.That(sent.Succeeded, Is.True, sent.Error);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }

        return new Run(process.ExitCode, await output, Errors());
    }

    public static async Task<Run> StartAsync(params string[] args)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "governance.dll");
        var result = await Command.RunAsync("dotnet", [program, .. args], TimeSpan.FromSeconds(60));
        return new Run(result.ExitCode, result.Output, result.Error);
    }
}
