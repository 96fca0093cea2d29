namespace Governance.Files;

/// <summary>What a directory of configuration holds at one moment.</summary>
/// <param name="Directory">The directory.</param>
/// <param name="Digest">Of the names and contents of its files, and of what is wrong with them: the same digest, the same configuration.</param>
/// <param name="Files">The files that are read, in ordinal order of their names.</param>
/// <param name="Faults">Why some can't be, or must not be passed over.</param>
public sealed record DirectoryContent(
    string Directory,
    string Digest,
    IReadOnlyList<DirectoryFile> Files,
    IReadOnlyList<DirectoryFault> Faults
);

/// <summary>A file's text.</summary>
/// <param name="Name">Its name within the directory.</param>
/// <param name="Text">Its text, without a byte order mark.</param>
public sealed record DirectoryFile(string Name, string Text);

/// <summary>Something in a directory of configuration that is not as it should be.</summary>
/// <param name="Name">Its path within the directory; the directory itself where it is about the whole.</param>
/// <param name="Message">What is wrong, and the remedy.</param>
public sealed record DirectoryFault(string Name, string Message);
