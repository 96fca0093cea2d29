using Governance.Files;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Governance.Catalog;

/// <summary>Reads and checks the catalog's files. A catalog with an error is refused whole, with every error named.</summary>
public static class CatalogLoader
{
    /// <exception cref="CatalogException">The files can't be read or are wrong.</exception>
    public static LoadedCatalog Load(string directory) => Load(DirectoryReader.Read(directory, CatalogDirectory.Rules));

    /// <exception cref="CatalogException">The files can't be read or are wrong.</exception>
    public static LoadedCatalog Load(DirectoryContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return content.Faults.Count == 0
            ? Load(content.Files.Select(file => (file.Name, file.Text)))
            : throw new CatalogException([.. content.Faults.Select(fault => $"{fault.Name}: {fault.Message}")]);
    }

    /// <exception cref="CatalogException">The texts are wrong.</exception>
    internal static LoadedCatalog Load(IEnumerable<(string Name, string Text)> texts)
    {
        var errors = new CatalogErrors();
        var files = texts.Select(t => Read(t.Name, t.Text, errors)).OfType<CatalogFile>().ToList();
        // What can't be read would be missed by the others: no more errors than there are.
        errors.ThrowIfAny();
        return Build(files, errors);
    }

    /// <summary>Makes a catalog from its stored canonical text.</summary>
    public static LoadedCatalog FromStored(string digest, string json) =>
        new(System.Text.Json.JsonSerializer.Deserialize<CatalogContent>(json, WireJson.Options)!, digest);

    /// <summary>Makes a catalog of entries that were read elsewhere.</summary>
    /// <exception cref="CatalogException">They are wrong.</exception>
    public static LoadedCatalog Make(CatalogFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Build([file], new CatalogErrors());
    }

    private static LoadedCatalog Build(IReadOnlyList<CatalogFile> files, CatalogErrors errors)
    {
        var content = new CatalogBuilder(errors).Build(files);
        CatalogReferences.Check(content, errors);
        errors.ThrowIfAny();
        return new LoadedCatalog(content, CanonicalJson.Digest(Canonical(content)));
    }

    /// <summary>The document as RFC 8785 JSON, which the digest is of.</summary>
    public static string Canonical(CatalogContent content) => CanonicalJson.Serialize(content, WireJson.Options);

    private static CatalogFile? Read(string name, string text, CatalogErrors errors)
    {
        try
        {
            if (!CatalogText.IsSound(name, text, errors))
            {
                return null;
            }

            var yaml = new DeserializerBuilder()
                .WithNamingConvention(CamelCaseNamingConvention.Instance)
                .WithDuplicateKeyChecking()
                .Build();
            return yaml.Deserialize<CatalogFile?>(text);
        }
        catch (YamlException e)
        {
            errors.Add($"{name}:{e.Start.Line}:{e.Start.Column}: {e.InnerException?.Message ?? e.Message}");
            return null;
        }
    }
}
