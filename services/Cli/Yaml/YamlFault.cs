using System.Globalization;
using YamlDotNet.Core;

namespace Governance.Cli.Yaml;

/// <summary>Something wrong in a YAML file.</summary>
internal sealed record YamlFault(string File, long Line, long Column, string Message)
{
    public static YamlFault At(string file, Mark mark, string message) => new(file, mark.Line, mark.Column, message);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: {Message}");
}
