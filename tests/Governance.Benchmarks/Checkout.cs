namespace Governance.Benchmarks;

/// <summary>The checkout that this runs in.</summary>
internal static class Checkout
{
    public static string Root()
    {
        for (var directory = new DirectoryInfo(Environment.CurrentDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Governance.sln")))
            {
                return directory.FullName;
            }
        }

        throw new BenchmarkException("Run this inside the checkout.");
    }
}
