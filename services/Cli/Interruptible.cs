using System.Runtime.InteropServices;

namespace Governance.Cli;

/// <summary>Runs one command, and ends it with one line when somebody stops the program.</summary>
internal static class Interruptible
{
    /// <summary>How long a command may take to end by itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(string[] args, Terminal terminal)
    {
        using var interruption = new CancellationTokenSource();
        var stopped = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Stop(PosixSignalContext context, int code)
        {
            // A second signal ends the program at once, as it would any other.
            context.Cancel = stopped.TrySetResult(code);
            interruption.Cancel();
        }

        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, ExitCodes.Interrupted));
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, ExitCodes.Terminated));

        // Elsewhere than here, so that a command that computes, or waits for a line, can't keep the program from ending.
        var command = Task.Run(() => GovernanceCommand.RunAsync(args, terminal, interruption.Token), CancellationToken.None);
        if (await Task.WhenAny(command, stopped.Task) == command)
        {
            return await CodeAsync(await command);
        }

        if (await Task.WhenAny(command, Task.Delay(Patience, TimeProvider.System, CancellationToken.None)) == command)
        {
            return await CodeAsync(await command);
        }

        terminal.Complain($"governance: {terminal.Interrupted}");
        return await stopped.Task;

        // Only a signal interrupts a command here, and which one it was is known before.
#pragma warning disable VSTHRD003 // It is completed by the handlers of signals, which wait for nothing.
        async Task<int> CodeAsync(int ended) => ended == ExitCodes.Interrupted ? await stopped.Task : ended;
#pragma warning restore VSTHRD003
    }
}
