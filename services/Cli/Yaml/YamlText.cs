using YamlDotNet.Core;

namespace Governance.Cli.Yaml;

/// <summary>A text that remembers where it stands, for faults that are found later.</summary>
internal sealed record YamlText(string Text, Mark Start)
{
    public override string ToString() => Text;
}
