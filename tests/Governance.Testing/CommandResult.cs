namespace Governance.Testing;

/// <summary>What a program left behind.</summary>
/// <param name="ExitCode">0 for success; 124 when it ran out of time, 127 when it does not exist.</param>
/// <param name="Output">All of its standard output.</param>
/// <param name="Error">All of its standard error.</param>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>Whether the program ended with exit code 0.</summary>
    public bool Succeeded => ExitCode == 0;
}
