namespace Governance.Files;

/// <summary>What belongs to a directory of configuration, and how much there may be of it.</summary>
public sealed record DirectoryRules
{
    /// <summary>What becomes of a file. It is asked about every file's path within the directory, with '/' between names.</summary>
    public required Func<string, FileUse> Of { get; init; }

    /// <summary>The longest that a file may be, in bytes.</summary>
    public required int MaxFileBytes { get; init; }

    /// <summary>The longest that all files may be together, in bytes.</summary>
    public required int MaxBytes { get; init; }

    /// <summary>How deep directories may lie within each other before it can't be told what is in them.</summary>
    public int MaxDepth { get; init; } = 8;

    /// <summary>How many files and directories there may be before it can't be told what they are.</summary>
    public int MaxEntries { get; init; } = 10_000;
}

/// <summary>What becomes of a file in a directory of configuration.</summary>
/// <param name="IsRead">It belongs to the configuration.</param>
/// <param name="Fault">It must not be passed over in silence: why, and the remedy.</param>
public readonly record struct FileUse(bool IsRead, string? Fault)
{
    /// <summary>It belongs to the configuration.</summary>
    public static FileUse Read { get; } = new(true, null);

    /// <summary>It is something else, and never opened.</summary>
    public static FileUse Pass { get; } = new(false, null);

    /// <summary>It looks as if it belonged to the configuration, and does not.</summary>
    public static FileUse Refuse(string fault) => new(false, fault);
}
