using Governance.Catalog;
using Governance.Cli.Yaml;
using Governance.Files;
using YamlDotNet.RepresentationModel;

namespace Governance.Cli.Cases;

/// <summary>The catalog that a file's cases are about.</summary>
internal static class Worlds
{
    /// <summary>Who owns what a world gives no owner.</summary>
    private const string Somebody = "somebody";

    public static LoadedCatalog? Load(string path, YamlMappingNode root, CaseFile file, List<YamlFault> faults)
    {
        if (file.Catalog is null == file.World is null)
        {
            faults.Add(
                YamlFault.At(
                    path,
                    root.Start,
                    "say either catalog: (a catalog's directory, relative to this file) or world: (people, principals, entitlements, …)"
                )
            );
            return null;
        }

        try
        {
            return file.Catalog is { } catalog ? FromDirectory(path, catalog, faults) : CatalogLoader.Make(Complete(file.World!));
        }
        catch (CatalogException e)
        {
            var at = root.Children.First(member => member.Key is YamlScalarNode { Value: "catalog" or "world" }).Key.Start;
            faults.AddRange(e.Errors.Select(error => YamlFault.At(path, at, error)));
            return null;
        }
    }

    private static LoadedCatalog? FromDirectory(string path, YamlText catalog, List<YamlFault> faults)
    {
        var directory = Path.GetFullPath(catalog.Text, Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (Directory.Exists(directory))
        {
            return CatalogLoader.Load(directory);
        }

        faults.Add(YamlFault.At(path, catalog.Start, $"catalog: {directory}: {DirectoryFaults.Missing(directory)}"));
        return null;
    }

    private static CatalogFile Complete(CatalogFile world)
    {
        // What is empty stays so: the catalog's own checks say what is wrong with it.
        var entitlements = Known(world.Entitlements ??= []);
        var conflicts = Known(world.Conflicts ??= []);
        foreach (var person in Known(world.People ??= []))
        {
            person.Id ??= person.Name;
            person.Name ??= person.Id;
        }

        foreach (var principal in Known(world.Principals ??= []))
        {
            principal.Kind ??= "service-account";
        }

        foreach (var entitlement in entitlements)
        {
            Complete(entitlement);
        }

        foreach (var conflict in conflicts)
        {
            conflict.Reason ??= "They must not be held together.";
            conflict.Owner ??= Somebody;
        }

        AddTargets(world.Targets ??= [], entitlements);
        if (entitlements.Exists(e => e.Owner == Somebody) || conflicts.Exists(c => c.Owner == Somebody))
        {
            AddSomebody(world.People);
        }

        return world;
    }

    private static void Complete(EntitlementEntry entitlement)
    {
        entitlement.Target ??= entitlement.Id?.Split('/')[0];
        entitlement.Risk ??= "low";
        entitlement.MaxDuration ??= "P30D";
        entitlement.Owner ??= Somebody;
        entitlement.Privilege ??= entitlement.Id?.Split('/')[^1];
    }

    private static void AddTargets(List<TargetEntry?> targets, List<EntitlementEntry> entitlements)
    {
        var named = entitlements.Select(e => e.Target).Except(Known(targets).Select(t => t.Id), StringComparer.Ordinal).ToList();
        targets.AddRange(named.Select(missing => new TargetEntry { Id = missing }));
        foreach (var target in Known(targets))
        {
            target.Kind ??= "postgresql";
            target.Environment ??= "production";
        }
    }

    private static void AddSomebody(List<PersonEntry?> people)
    {
        if (!people.Exists(person => person?.Name == Somebody))
        {
            people.Add(new PersonEntry { Id = Somebody, Name = Somebody });
        }
    }

    private static List<T> Known<T>(List<T?> items)
        where T : class => [.. items.OfType<T>()];
}
