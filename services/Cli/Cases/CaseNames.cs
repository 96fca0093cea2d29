using Governance.Catalog;
using Governance.Cli.Yaml;
using YamlDotNet.Core;

namespace Governance.Cli.Cases;

/// <summary>Finds what a case names, or says where it names nothing.</summary>
internal sealed class CaseNames(string path, Mark start, LoadedCatalog catalog, List<YamlFault> faults)
{
    public CatalogPrincipal? Principal(YamlText? name, string key)
    {
        if (name is null)
        {
            faults.Add(YamlFault.At(path, start, $"{key}: is missing"));
            return null;
        }

        return catalog.Find(name.Text) ?? Unknown<CatalogPrincipal>(name, key, "person or principal");
    }

    public CatalogEntitlement? Entitlement(YamlText? id, string key)
    {
        if (id is null)
        {
            faults.Add(YamlFault.At(path, start, $"{key}: is missing"));
            return null;
        }

        return catalog.Entitlement(id.Text) ?? Unknown<CatalogEntitlement>(id, key, "entitlement");
    }

    public CatalogTarget? Target(YamlText id, string key) => catalog.Target(id.Text) ?? Unknown<CatalogTarget>(id, key, "target");

    public CatalogConflict? Conflict(YamlText? id, string key)
    {
        if (id is null)
        {
            faults.Add(YamlFault.At(path, start, $"{key}: is missing"));
            return null;
        }

        return catalog.Content.Conflicts.FirstOrDefault(c => c.Id == id.Text) ?? Unknown<CatalogConflict>(id, key, "conflict");
    }

    public T Required<T>(T? value, string key)
        where T : struct
    {
        if (value is null)
        {
            Fault(null, $"{key}: is missing");
        }

        return value ?? default;
    }

    public void Fault(YamlText? at, string message) => faults.Add(YamlFault.At(path, at?.Start ?? start, message));

    private T? Unknown<T>(YamlText name, string key, string what)
        where T : class
    {
        faults.Add(YamlFault.At(path, name.Start, $"{key}: the catalog has no {what} '{name.Text}'"));
        return null;
    }
}
