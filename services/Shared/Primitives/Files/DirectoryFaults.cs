namespace Governance.Files;

/// <summary>Why a path is no directory.</summary>
public static class DirectoryFaults
{
    /// <summary>In words, after the path.</summary>
    public static string Missing(string path) => File.Exists(path) ? "is a file, and a directory is wanted" : "no such directory";
}
