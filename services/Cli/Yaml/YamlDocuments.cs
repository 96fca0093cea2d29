using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Governance.Cli.Yaml;

/// <summary>Reads a file of one YAML document.</summary>
internal static class YamlDocuments
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The document's mapping; null where there is none, with a fault.</summary>
    public static YamlMappingNode? Read(string path, List<YamlFault> faults)
    {
        try
        {
            var stream = new YamlStream();
            using var reader = new StringReader(StrictUtf8.GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF'));
            stream.Load(reader);
            if (stream.Documents is [{ RootNode: YamlMappingNode root }])
            {
                return root;
            }

            faults.Add(new YamlFault(path, 1, 1, "must be one YAML document: a mapping"));
        }
        catch (YamlException e)
        {
            faults.Add(YamlFault.At(path, e.Start, e.InnerException?.Message ?? e.Message));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            faults.Add(new YamlFault(path, 1, 1, $"can't be read: {e.Message}"));
        }

        return null;
    }

    public static bool IsNull(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    /// <summary>One mapping over another: mappings are merged, everything else is replaced, and null takes away.</summary>
    public static YamlMappingNode Merge(YamlMappingNode? below, YamlMappingNode? above)
    {
        var merged = new YamlMappingNode();
        foreach (var (key, value) in below ?? new YamlMappingNode())
        {
            merged.Add(key, value);
        }

        foreach (var (key, value) in above ?? new YamlMappingNode())
        {
            var old = merged.Children.TryGetValue(key, out var found) ? found : null;
            merged.Children.Remove(key);
            if (!IsNull(value))
            {
                merged.Add(key, value is YamlMappingNode map && old is YamlMappingNode under ? Merge(under, map) : value);
            }
        }

        return merged;
    }
}
