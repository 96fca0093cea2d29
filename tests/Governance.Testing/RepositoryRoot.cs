namespace Governance.Testing;

/// <summary>Where the checkout is that the running tests were built from.</summary>
public static class RepositoryRoot
{
    /// <summary>The full path of the directory that holds <c>Governance.sln</c>.</summary>
    /// <exception cref="DirectoryNotFoundException">The tests run outside of a checkout.</exception>
    public static string Path { get; } = Find();

    /// <summary>The full path of a file of the checkout.</summary>
    public static string File(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (System.IO.File.Exists(System.IO.Path.Combine(directory.FullName, "Governance.sln")))
            {
                return directory.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No directory above {AppContext.BaseDirectory} holds Governance.sln.");
    }
}
