using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Testing;

namespace Governance.Contracts.Tests;

/// <summary>
/// Files that hold a form for ever. One that is missing is written with <c>GOVERNANCE_UPDATE_GOLDEN=1</c>; one that exists is never
/// overwritten, since what was published or stored with it does not change either.
/// </summary>
internal static class Golden
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        IndentSize = 2,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static JsonNode Read(string folder, string name, JsonNode today)
    {
        var path = Path.Combine(Directory(folder), name + ".json");
        if (!File.Exists(path) && Environment.GetEnvironmentVariable("GOVERNANCE_UPDATE_GOLDEN") == "1")
        {
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, today.ToJsonString(Indented) + "\n");
        }

        Assert.That(path, Does.Exist, "no golden file: a new form needs one (GOVERNANCE_UPDATE_GOLDEN=1)");
        return JsonNode.Parse(File.ReadAllText(path))!;
    }

    public static IEnumerable<string> Names(string folder) =>
        System.IO.Directory.EnumerateFiles(Directory(folder), "*.json").Select(f => Path.GetFileNameWithoutExtension(f));

    public static void AssertSame(JsonNode today, JsonNode golden) =>
        Assert.That(
            today.ToJsonString(Indented),
            Is.EqualTo(golden.ToJsonString(Indented)),
            "the form has changed: make a new version of it instead"
        );

    private static string Directory(string folder) => RepositoryRoot.File("tests", "Governance.Contracts.Tests", "testdata", folder);
}
