namespace Governance.Cli;

/// <summary>The command can't go on; the message says why and what to do.</summary>
internal sealed class CommandException(int exitCode, string message) : Exception(message)
{
    public int ExitCode => exitCode;
}
