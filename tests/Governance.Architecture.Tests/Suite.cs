using System.Reflection;
using Governance.Contracts;
using Governance.Testing;

namespace Governance.Architecture.Tests;

/// <summary>The suite's assemblies and sources.</summary>
internal static class Suite
{
    private static string ServicesDirectory => RepositoryRoot.File("services");

    /// <summary>Folders of <c>services</c> that are services.</summary>
    public static IReadOnlyList<string> Services { get; } =
    [
        .. Directory
            .EnumerateDirectories(ServicesDirectory)
            .Where(d => File.Exists(Path.Combine(d, "Program.cs")))
            .Select(d => Path.GetFileName(d))
            .Order(StringComparer.Ordinal),
    ];

    public static IReadOnlyList<string> Shared { get; } =
    [
        .. Directory
            .EnumerateDirectories(Path.Combine(ServicesDirectory, "Shared"))
            .Select(d => Path.GetFileName(d))
            .Order(StringComparer.Ordinal),
    ];

    public static Assembly Contracts => typeof(ActorRef).Assembly;

    // The command line is called what people type.
    public static Assembly Of(string name) => Assembly.Load(name == "Cli" ? "governance" : "Governance." + name);

    /// <summary>Our source files of a service, by path.</summary>
    public static IEnumerable<(string Path, string Text)> Sources(string folder, params string[] extensions) =>
        Directory
            .EnumerateFiles(RepositoryRoot.File(folder), "*", SearchOption.AllDirectories)
            .Where(f => extensions.Contains(Path.GetExtension(f), StringComparer.Ordinal))
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin" or "artifacts" or "node_modules"))
            .Select(f => (Path.GetRelativePath(RepositoryRoot.Path, f), File.ReadAllText(f)));
}
