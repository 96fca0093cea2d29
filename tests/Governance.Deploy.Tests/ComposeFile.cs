using Governance.Testing;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace Governance.Deploy.Tests;

/// <summary>docker-compose.yml with its anchors and merges resolved.</summary>
internal static class ComposeFile
{
    public static IReadOnlyDictionary<string, ComposeService> Services { get; } = Read();

    private static Dictionary<string, ComposeService> Read()
    {
        using var reader = File.OpenText(RepositoryRoot.File("docker-compose.yml"));
        var parser = new MergingParser(new Parser(reader));
        parser.Consume<StreamStart>();
        var document = new DeserializerBuilder().IgnoreUnmatchedProperties().Build().Deserialize<Document>(parser);
        return document.Services;
    }

    private sealed class Document
    {
        [YamlMember(Alias = "services")]
        public Dictionary<string, ComposeService> Services { get; set; } = new(StringComparer.Ordinal);
    }
}
