using Governance.Contracts.Lifecycle;
using Governance.Files;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Governance.Catalog;

/// <summary>Reads and checks the catalog's files. A catalog with an error is refused whole, with every error named.</summary>
public static class CatalogLoader
{
    /// <exception cref="CatalogException">The files can't be read or are wrong.</exception>
    /// <param name="directory">Where they are.</param>
    /// <param name="moreKinds">Kinds of targets that an installation has connectors of its own for.</param>
    public static LoadedCatalog Load(string directory, IEnumerable<string>? moreKinds = null) =>
        Load(DirectoryReader.Read(directory, CatalogDirectory.Rules), moreKinds);

    /// <exception cref="CatalogException">The files can't be read or are wrong.</exception>
    /// <param name="content">A directory that was read by the catalog's rules.</param>
    /// <param name="moreKinds">Kinds of targets that an installation has connectors of its own for.</param>
    public static LoadedCatalog Load(DirectoryContent content, IEnumerable<string>? moreKinds = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (content.Faults.Count > 0)
        {
            throw new CatalogException([.. content.Faults.Select(fault => $"{fault.Name}: {fault.Message}")]);
        }

        var catalog = Load(content.Files.Select(file => (file.Name, file.Text)), moreKinds);
        return catalog.Content is { Targets.Count: 0, Entitlements.Count: 0, Principals.Count: 0 }
            ? throw new CatalogException([
                $"{content.Directory}: no targets, entitlements, people and principals: a catalog that knows nothing is taken for a mistake",
            ])
            : catalog;
    }

    /// <exception cref="CatalogException">The texts are wrong.</exception>
    internal static LoadedCatalog Load(IEnumerable<(string Name, string Text)> texts, IEnumerable<string>? moreKinds = null)
    {
        var errors = new CatalogErrors();
        var files = texts.Select(t => Read(t.Name, t.Text, errors)).OfType<CatalogFile>().ToList();
        // What can't be read would be missed by the others: no more errors than there are.
        errors.ThrowIfAny();
        return Build(files, errors, [.. TargetKinds.All, .. moreKinds ?? []]);
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

    private static LoadedCatalog Build(IReadOnlyList<CatalogFile> files, CatalogErrors errors, IReadOnlyCollection<string>? kinds = null)
    {
        var content = new CatalogBuilder(errors).Build(files);
        CatalogReferences.CheckKinds(content, kinds, errors);
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

            errors.Places.Add(name, text);
            var yaml = new DeserializerBuilder()
                .WithNamingConvention(CamelCaseNamingConvention.Instance)
                .WithDuplicateKeyChecking()
                .Build();
            return yaml.Deserialize<CatalogFile?>(text);
        }
        catch (YamlException e)
        {
            var faults = CatalogShape.Faults(name, text);
            foreach (
                var fault in faults.DefaultIfEmpty($"{name}:{e.Start.Line}:{e.Start.Column}: {e.InnerException?.Message ?? e.Message}")
            )
            {
                errors.Add(fault);
            }

            return null;
        }
    }
}
