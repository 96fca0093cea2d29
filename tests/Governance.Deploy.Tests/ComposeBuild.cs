using YamlDotNet.Serialization;

namespace Governance.Deploy.Tests;

internal sealed class ComposeBuild
{
    [YamlMember(Alias = "context")]
    public string Context { get; set; } = "";

    [YamlMember(Alias = "dockerfile")]
    public string Dockerfile { get; set; } = "";

    [YamlMember(Alias = "args")]
    public Dictionary<string, string> Args { get; set; } = new(StringComparer.Ordinal);
}
