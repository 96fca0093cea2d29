using Governance.Files;

namespace Governance.Catalog;

/// <summary>What of a directory is a catalog: every <c>*.yaml</c> file directly in it.</summary>
public static class CatalogDirectory
{
    private const string Ending = ".yaml";

    /// <summary>For whoever reads or watches one.</summary>
    public static DirectoryRules Rules { get; } =
        new()
        {
            Of = Use,
            MaxFileBytes = 16 * 1024 * 1024,
            MaxBytes = 64 * 1024 * 1024,
        };

    private static FileUse Use(string path)
    {
        var folder = path.LastIndexOf('/');
        var name = path[(folder + 1)..];
        if (!name.Contains(Ending, StringComparison.OrdinalIgnoreCase) && !name.Contains(".yml", StringComparison.OrdinalIgnoreCase))
        {
            return FileUse.Pass;
        }

        return folder >= 0 ? FileUse.Refuse("looks like a part of the catalog, but subdirectories are not read: move it up, or out")
            : name.EndsWith(Ending, StringComparison.Ordinal) ? FileUse.Read
            : FileUse.Refuse("looks like a part of the catalog, but is not read: have its name end in .yaml, or move it out");
    }
}
