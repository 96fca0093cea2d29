using System.Globalization;
using NUnit.Framework;

namespace Governance.Testing;

/// <summary>
/// A directory as Kubernetes mounts a ConfigMap: what is seen are links into <c>..data</c>, which is itself a link to the directory of the
/// current version, and is changed by renaming another link over it.
/// </summary>
public sealed class ConfigMapVolume(string path)
{
    // What is unpacked from an image or an archive has one time for all.
    private static readonly DateTime Time = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private int _versions;

    public string Path => path;

    /// <summary>Another version of the whole content, in the steps of the kubelet.</summary>
    public async Task PublishAsync(params (string Name, string Text)[] files)
    {
        var old = Directory.Exists(At("..data")) ? Directory.ResolveLinkTarget(At("..data"), returnFinalTarget: true)!.FullName : null;
        var version = string.Create(
            CultureInfo.InvariantCulture,
            $"..2026_11_29_12_00_{_versions:00}.{1_000_000_007 + (_versions++ * 13)}"
        );
        foreach (var (name, text) in files)
        {
            var file = System.IO.Path.Combine(At(version), name);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, text);
            File.SetLastWriteTimeUtc(file, Time);
        }

        File.CreateSymbolicLink(At("..data_tmp"), version);
        var renamed = await Command.RunAsync("mv", ["-T", At("..data_tmp"), At("..data")], TimeSpan.FromSeconds(10));
        Assert.That(renamed.ExitCode, Is.Zero, renamed.Error);
        var seen = files.Select(f => f.Name.Split('/')[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var name in seen.Where(name => !System.IO.Path.Exists(At(name))))
        {
            File.CreateSymbolicLink(At(name), System.IO.Path.Combine("..data", name));
        }

        foreach (
            var entry in new DirectoryInfo(path).EnumerateFileSystemInfos().Where(e => !e.Name.StartsWith("..", StringComparison.Ordinal))
        )
        {
            if (!seen.Contains(entry.Name))
            {
                entry.Delete();
            }
        }

        if (old is not null)
        {
            Directory.Delete(old, recursive: true);
        }
    }

    private string At(string name) => System.IO.Path.Combine(path, name);
}
