using System.Text;

namespace Governance.Cedar.Bundles;

/// <summary>Reads the files of a bundle.</summary>
internal static class BundleDirectory
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static PolicyBundleResult Load(CedarEngine engine, string directory)
    {
        var builder = new BundleBuilder(engine);
        foreach (var path in Find(builder, directory, "*.cedar"))
        {
            if (Read(builder, path) is { } text)
            {
                builder.AddFile(new PolicyFile(Path.GetFileName(path), text));
            }
        }

        return builder.Build(Schema(builder, directory), directory);
    }

    private static SourceText Schema(BundleBuilder builder, string directory)
    {
        var paths = Find(builder, directory, "*.cedarschema");
        foreach (var path in paths.Skip(1))
        {
            builder.AddFault(new BundleFault(Path.GetFileName(path), null, null, null, "a second schema: a bundle has one"));
        }

        return paths.Count > 0 && Read(builder, paths[0]) is { } text
            ? new SourceText(Path.GetFileName(paths[0]), PolicyFile.NormaliseLineEnds(text))
            : new SourceText(GovernanceSchema.FileName, GovernanceSchema.Text);
    }

    private static IReadOnlyList<string> Find(BundleBuilder builder, string directory, string pattern)
    {
        try
        {
            return [.. Directory.GetFiles(directory, pattern).Order(StringComparer.Ordinal)];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            builder.AddFault(new BundleFault(directory, null, null, null, failure.Message));
            return [];
        }
    }

    private static string? Read(BundleBuilder builder, string path)
    {
        try
        {
            return StrictUtf8.GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF');
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            builder.AddFault(new BundleFault(Path.GetFileName(path), null, null, null, $"can't be read: {failure.Message}"));
            return null;
        }
    }
}
