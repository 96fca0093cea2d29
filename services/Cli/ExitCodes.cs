namespace Governance.Cli;

/// <summary>What the program ends with. Scripts read these: none is given another meaning.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>What was looked at is not as it should be.</summary>
    public const int Failure = 1;

    /// <summary>Wrong usage, or files that can't be read.</summary>
    public const int Usage = 2;

    /// <summary>A service can't be reached, or fails.</summary>
    public const int Unreachable = 3;

    /// <summary>A dry run says: not without approvals.</summary>
    public const int ApprovalRequired = 4;

    /// <summary>A dry run says: no.</summary>
    public const int Forbidden = 5;

    /// <summary>Ended by Ctrl+C, as shells have it.</summary>
    public const int Interrupted = 130;

    /// <summary>Ended by SIGTERM, as shells have it.</summary>
    public const int Terminated = 143;
}
