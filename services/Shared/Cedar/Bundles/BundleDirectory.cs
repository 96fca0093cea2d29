using Governance.Files;

namespace Governance.Cedar.Bundles;

/// <summary>What of a directory is a bundle.</summary>
internal static class BundleDirectory
{
    private const string Policy = ".cedar";
    private const string Schema = ".cedarschema";

    public static DirectoryRules Rules { get; } =
        new()
        {
            Of = Use,
            MaxFileBytes = BundleLimits.FileBytes,
            MaxBytes = BundleLimits.Bytes,
        };

    public static PolicyBundleResult Load(CedarEngine engine, DirectoryContent content)
    {
        var builder = new BundleBuilder(engine);
        foreach (var fault in content.Faults)
        {
            builder.AddFault(new BundleFault(fault.Name, null, null, null, fault.Message));
        }

        foreach (var file in content.Files.Where(file => IsA(file.Name, Policy)))
        {
            builder.AddFile(new PolicyFile(file.Name, file.Text));
        }

        return builder.Build(SchemaOf(builder, content), content.Directory);
    }

    private static SourceText SchemaOf(BundleBuilder builder, DirectoryContent content)
    {
        var schemas = content.Files.Where(file => IsA(file.Name, Schema)).ToList();
        foreach (var second in schemas.Skip(1))
        {
            builder.AddFault(new BundleFault(second.Name, null, null, null, "a second schema: a bundle has one"));
        }

        return schemas is [var first, ..]
            ? new SourceText(first.Name, PolicyFile.NormaliseLineEnds(first.Text))
            : new SourceText(GovernanceSchema.FileName, GovernanceSchema.Text);
    }

    private static FileUse Use(string path)
    {
        var folder = path.LastIndexOf('/');
        var name = path[(folder + 1)..];
        if (!name.Contains(Policy, StringComparison.OrdinalIgnoreCase) || IsCase(path, name))
        {
            return FileUse.Pass;
        }

        return folder >= 0 ? FileUse.Refuse("looks like a policy, but subdirectories are not read: move it up, or out of the bundle")
            : IsA(name, Policy) || IsA(name, Schema) ? FileUse.Read
            : FileUse.Refuse(
                "looks like a policy, but is not read: have its name end in .cedar, in small letters, or move it out of the bundle"
            );
    }

    private static bool IsCase(string path, string name) =>
        IsA(name, ".test.yaml")
        && (
            path.Length == name.Length
            || path.Length == "tests/".Length + name.Length && path.StartsWith("tests/", StringComparison.Ordinal)
        );

    private static bool IsA(string name, string ending) => name.EndsWith(ending, StringComparison.Ordinal);
}
