using System.Text.Json;

namespace Governance.Cedar.Conformance;

/// <summary>One test file: policies, entities, schema and the requests with their expected answers. Paths in it are relative to the root.</summary>
internal sealed record CorpusFile(string Name, CedarPolicySet Policies, string Entities, IReadOnlyList<CorpusRequest> Requests)
{
    /// <summary>Null if the file is JSON of another kind.</summary>
    public static CorpusFile? Read(string root, string path)
    {
        // Texts are kept as they stand: numbers in entities and contexts may not fit a double.
        using var document = JsonDocument.Parse(File.ReadAllText(path), new JsonDocumentOptions { MaxDepth = 512 });
        var test = document.RootElement;
        if (test.ValueKind != JsonValueKind.Object || !test.TryGetProperty("requests", out var requests))
        {
            return null;
        }

        string Text(string member) => File.ReadAllText(Path.Combine(root, test.GetProperty(member).GetString()!));
        return new CorpusFile(
            Path.GetRelativePath(root, path),
            CedarPolicySet.FromText(Text("policies"), Text("schema")),
            Text("entities"),
            [.. requests.EnumerateArray().Select(CorpusRequest.Read)]
        );
    }
}
