using Governance.Testing;

namespace Governance.Cli.Tests.Running;

/// <summary>A directory of policies.</summary>
internal sealed class Bundle : IDisposable
{
    /// <summary>A permit for everything, with somebody who may ask for it.</summary>
    public const string Everything = """
        @id("ask")
        permit (principal, action == Governance::Action::"request", resource);

        @id("give")
        @reason("Everything is given.")
        @risk("low")
        @rationale("A test.")
        permit (principal, action in Governance::Action::"hold", resource);

        """;

    public string Path { get; } = Directory.CreateTempSubdirectory("governance-bundle-").FullName;

    /// <summary>The suite's sample policies, without their cases.</summary>
    public static Bundle Sample()
    {
        var bundle = new Bundle();
        foreach (var file in Directory.EnumerateFiles(RepositoryRoot.File("deploy", "policies"), "*.cedar"))
        {
            File.Copy(file, bundle.FileOf(System.IO.Path.GetFileName(file)));
        }

        return bundle;
    }

    public string FileOf(string name) => System.IO.Path.Combine(Path, name);

    public Bundle With(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(FileOf(name))!);
        File.WriteAllText(FileOf(name), text);
        return this;
    }

    public Bundle Change(string name, string old, string @new)
    {
        var text = File.ReadAllText(FileOf(name));
        Assert.That(text, Does.Contain(old), "the sample policies are others now");
        return With(name, text.Replace(old, @new, StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
