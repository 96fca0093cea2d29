using Governance.Testing;

namespace Governance.Deploy.Tests;

/// <summary>The projects under <c>services/</c> that run as processes.</summary>
internal static class ServiceProjects
{
    /// <summary>Folder names, as the build argument SERVICE has them: <c>Intake</c>, <c>Lifecycle</c>, ...</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Directory
            .EnumerateFiles(RepositoryRoot.File("services"), "Governance.*.csproj", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("Microsoft.NET.Sdk.Web", StringComparison.Ordinal))
            .Select(file => Path.GetFileNameWithoutExtension(file)["Governance.".Length..])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>All C# of one service and of the shared libraries, to look for the options that a variable sets.</summary>
    public static string SourceOf(string service) =>
        string.Join(
            '\n',
            new[] { RepositoryRoot.File("services", service), RepositoryRoot.File("services", "Shared") }
                .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
                .Select(File.ReadAllText)
        );
}
