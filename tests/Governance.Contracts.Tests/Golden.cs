using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Governance.Testing;

namespace Governance.Contracts.Tests;

/// <summary>
/// Files that hold every form there ever was: <c>NAME.json</c> is the first, <c>NAME.2.json</c> the next. A new one is written with
/// <c>GOVERNANCE_UPDATE_GOLDEN=1</c>; one that exists is never overwritten, since what was published or stored with it does not change either.
/// </summary>
internal static partial class Golden
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        IndentSize = 2,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Every form, the oldest first.</summary>
    public static IReadOnlyList<JsonNode> Forms(string folder, string name)
    {
        var forms = new List<JsonNode>();
        while (PathOf(folder, name, forms.Count + 1) is var path && File.Exists(path))
        {
            forms.Add(JsonNode.Parse(File.ReadAllText(path))!);
        }

        return forms;
    }

    /// <summary>The newest form is today's, and each has grown from the one before.</summary>
    public static void AssertGrown(string folder, string name, JsonNode today, Growth growth)
    {
        var forms = Forms(folder, name);
        var isNew = forms.Count == 0 || !JsonNode.DeepEquals(forms[^1], today);
        if (isNew && Environment.GetEnvironmentVariable("GOVERNANCE_UPDATE_GOLDEN") == "1")
        {
            var path = PathOf(folder, name, forms.Count + 1);
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, today.ToJsonString(Indented) + "\n");
            forms = Forms(folder, name);
        }

        Assert.That(forms, Is.Not.Empty, $"{name} has no golden file: a new form needs one (GOVERNANCE_UPDATE_GOLDEN=1)");
        AssertSame(today, forms[^1], "the form has changed: where members were only added, add the new form (GOVERNANCE_UPDATE_GOLDEN=1)");
        foreach (var (older, newer) in forms.Zip(forms.Skip(1)))
        {
            Assert.That(growth.Losses(older, newer), Is.Empty, $"{name} has lost something: make a new version of it instead");
        }
    }

    /// <summary>Names without the number of the form.</summary>
    public static IEnumerable<string> Names(string folder) =>
        System
            .IO.Directory.EnumerateFiles(Directory(folder), "*.json")
            .Select(f => Number().Replace(Path.GetFileNameWithoutExtension(f), ""))
            .Distinct(StringComparer.Ordinal);

    /// <summary>Files whose number is not reached from the first one: they are never read.</summary>
    public static IEnumerable<string> Unreached(string folder) =>
        System
            .IO.Directory.EnumerateFiles(Directory(folder), "*.json")
            .Except(
                Names(folder).SelectMany(n => Enumerable.Range(1, Forms(folder, n).Count).Select(i => PathOf(folder, n, i))),
                StringComparer.Ordinal
            );

    public static void AssertSame(JsonNode actual, JsonNode expected, string message) =>
        Assert.That(actual.ToJsonString(Indented), Is.EqualTo(expected.ToJsonString(Indented)), message);

    private static string PathOf(string folder, string name, int number) =>
        Path.Combine(Directory(folder), name + (number == 1 ? "" : "." + number.ToString(CultureInfo.InvariantCulture)) + ".json");

    private static string Directory(string folder) => RepositoryRoot.File("tests", "Governance.Contracts.Tests", "testdata", folder);

    [GeneratedRegex(@"\.[0-9]+\z", RegexOptions.CultureInvariant, 100)]
    private static partial Regex Number();
}
