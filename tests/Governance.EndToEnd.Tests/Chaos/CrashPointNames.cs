using System.Text.RegularExpressions;
using Governance.EndToEnd.Tests.Running;

namespace Governance.EndToEnd.Tests.Chaos;

/// <summary>Every crash point of the sources, read when the test runs, so that a new one can't be forgotten.</summary>
internal static partial class CrashPointNames
{
    /// <exception cref="InvalidOperationException">A name is built in a way that this can't read.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> ByService()
    {
        var sources = ServiceFiles
            .Sources()
            .Where(f => Path.GetFileName(f) != "CrashPoints.cs")
            .Select(f => (File: f, Text: File.ReadAllText(f)))
            .ToList();
        // Shared code names its points after the service that has an event store.
        var stores = sources
            .Where(s => s.Text.Contains(".AddEventStore<", StringComparison.Ordinal))
            .Select(s => ServiceOf(s.File))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return sources
            .SelectMany(s => Call().Matches(s.Text).SelectMany(m => Names(s.File, m.Groups["argument"].Value, stores)))
            .GroupBy(name => name.Split('.')[0], StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g.Order(StringComparer.Ordinal)], StringComparer.Ordinal);
    }

    private static IEnumerable<string> Names(string file, string argument, List<string> stores)
    {
        if (Literal().Match(argument) is { Success: true } literal)
        {
            return [literal.Groups["name"].Value];
        }

        return Shared().Match(argument) is { Success: true } shared
            ? stores.Select(s => s + shared.Groups["rest"].Value)
            : throw new InvalidOperationException(
                $"{file}: the crash point {argument} can't be read; write a literal or _service + \".rest\"."
            );
    }

    private static string ServiceOf(string file) =>
        Path.GetRelativePath(Testing.RepositoryRoot.File("services"), file).Split(Path.DirectorySeparatorChar)[0].ToLowerInvariant();

    [GeneratedRegex(@"CrashPoints\.Reach\((?<argument>[^)]*)\)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Call();

    [GeneratedRegex("^\"(?<name>[a-z]+(\\.[a-z-]+)+)\"$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Literal();

    [GeneratedRegex("^_service \\+ \"(?<rest>(\\.[a-z-]+)+)\"$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Shared();
}
