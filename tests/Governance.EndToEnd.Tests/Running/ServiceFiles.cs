using Governance.Testing;

namespace Governance.EndToEnd.Tests.Running;

/// <summary>Where the services are built to and where their sources are.</summary>
internal static class ServiceFiles
{
    public static string Dll(string service, string? assembly = null)
    {
        var project = "Governance." + char.ToUpperInvariant(service[0]) + service[1..];
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Name;
        var dll = RepositoryRoot.File("artifacts", "bin", project, configuration, (assembly ?? project) + ".dll");
        return File.Exists(dll)
            ? dll
            : throw new FileNotFoundException($"{dll} is missing: build this test project, which builds the services.");
    }

    public static IEnumerable<string> Sources() =>
        Directory.EnumerateFiles(RepositoryRoot.File("services"), "*.cs", SearchOption.AllDirectories);
}
