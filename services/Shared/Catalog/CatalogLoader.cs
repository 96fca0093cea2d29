using System.Text.RegularExpressions;
using Governance.Contracts.Decisions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Governance.Catalog;

/// <summary>Reads and checks the catalog's files. A catalog with an error is refused whole, with every error named.</summary>
public static partial class CatalogLoader
{
    private static readonly string[] Trusts = ["tickets", "approvals", "emergency", "requester"];

    /// <exception cref="CatalogException">The files can't be read or are wrong.</exception>
    public static LoadedCatalog Load(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new CatalogException([$"{directory}: no such directory; set Lifecycle:CatalogDirectory"]);
        }

        var errors = new List<string>();
        var all = new CatalogFile();
        foreach (var path in Directory.EnumerateFiles(directory, "*.yaml").Order(StringComparer.Ordinal))
        {
            Read(path, all, errors);
        }

        if (errors.Count == 0)
        {
            return Finish(Check(all, errors), errors);
        }

        throw new CatalogException(errors);
    }

    /// <summary>Makes a catalog from its stored canonical text.</summary>
    public static LoadedCatalog FromStored(string digest, string json) =>
        new(System.Text.Json.JsonSerializer.Deserialize<CatalogContent>(json, WireJson.Options)!, digest);

    /// <summary>Makes a catalog of entries that were read elsewhere.</summary>
    /// <exception cref="CatalogException">They are wrong.</exception>
    public static LoadedCatalog Make(CatalogFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var errors = new List<string>();
        return Finish(Check(file, errors), errors);
    }

    public static string Canonical(CatalogContent content) => CanonicalJson.Serialize(content, WireJson.Options);

    private static LoadedCatalog Finish(CatalogContent content, List<string> errors) =>
        errors.Count == 0 ? new LoadedCatalog(content, CanonicalJson.Digest(Canonical(content))) : throw new CatalogException(errors);

    private static void Read(string path, CatalogFile all, List<string> errors)
    {
        try
        {
            var yaml = new DeserializerBuilder()
                .WithNamingConvention(CamelCaseNamingConvention.Instance)
                .WithDuplicateKeyChecking()
                .Build();
            var file = yaml.Deserialize<CatalogFile>(File.ReadAllText(path)) ?? new CatalogFile();
            all.Targets.AddRange(file.Targets);
            all.Entitlements.AddRange(file.Entitlements);
            all.People.AddRange(file.People);
            all.Principals.AddRange(file.Principals);
            all.Conflicts.AddRange(file.Conflicts);
            all.Sources.AddRange(file.Sources);
        }
        catch (YamlException e)
        {
            errors.Add($"{Path.GetFileName(path)}:{e.Start.Line}:{e.Start.Column}: {e.InnerException?.Message ?? e.Message}");
        }
    }

    private static CatalogContent Check(CatalogFile file, List<string> errors)
    {
        var people = file
            .People.Select(p => new CatalogPrincipal
            {
                Id = Required(p.Id, "people[].id", errors),
                Name = Required(p.Name, $"people[{p.Id}].name", errors),
                Kind = PrincipalKind.Human,
                Active = p.Active,
                Groups = Sorted(p.Groups),
                Accounts = new SortedDictionary<string, string>(p.Accounts, StringComparer.Ordinal),
            })
            .ToList();
        var idOf = people.GroupBy(p => p.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First().Id, StringComparer.Ordinal);
        string Person(string? name, string where)
        {
            if (name is not null && idOf.TryGetValue(name, out var id))
            {
                return id;
            }

            errors.Add($"{where}: '{name}' is no name of people[]; add the person or correct the name");
            return "";
        }

        var nhis = file
            .Principals.Select(p => new CatalogPrincipal
            {
                Id = Required(p.Id, "principals[].id", errors),
                Name = p.Id ?? "",
                Kind = Kind(p, errors),
                Owner = p.Owner is null ? null : Person(p.Owner, $"principals[{p.Id}].owner"),
                Active = p.Active,
                Groups = Sorted(p.Groups),
                Environment = p.Environment,
                Accounts = new SortedDictionary<string, string>(p.Accounts, StringComparer.Ordinal),
            })
            .ToList();
        var content = new CatalogContent
        {
            Targets =
            [
                .. file
                    .Targets.Select(t => new CatalogTarget(
                        Required(t.Id, "targets[].id", errors),
                        Required(t.Kind, $"targets[{t.Id}].kind", errors),
                        Required(t.Environment, $"targets[{t.Id}].environment", errors),
                        t.Tier
                    ))
                    .OrderBy(t => t.Id, StringComparer.Ordinal),
            ],
            Entitlements =
            [
                .. file
                    .Entitlements.Select(e => new CatalogEntitlement
                    {
                        Id = Required(e.Id, "entitlements[].id", errors),
                        Target = Required(e.Target, $"entitlements[{e.Id}].target", errors),
                        Risk = Enum.TryParse<Risk>(e.Risk, ignoreCase: true, out var risk)
                            ? risk
                            : Wrong<Risk>($"entitlements[{e.Id}].risk: '{e.Risk}' is none of low, medium, high, critical", errors),
                        MaxDuration =
                            IsoDuration.TryParse(e.MaxDuration ?? "", out var max) && max > TimeSpan.Zero
                                ? max
                                : Wrong<TimeSpan>(
                                    $"entitlements[{e.Id}].maxDuration: '{e.MaxDuration}' is no duration such as PT8H",
                                    errors
                                ),
                        Owner = Person(e.Owner, $"entitlements[{e.Id}].owner"),
                        Privilege = Required(e.Privilege, $"entitlements[{e.Id}].privilege", errors),
                        Privileges = Sorted(e.Privileges),
                    })
                    .OrderBy(e => e.Id, StringComparer.Ordinal),
            ],
            Principals = [.. people.Concat(nhis).OrderBy(p => p.Id, StringComparer.Ordinal)],
            Conflicts =
            [
                .. file
                    .Conflicts.Select(c => new CatalogConflict(
                        Required(c.Id, "conflicts[].id", errors),
                        Sorted(c.Entitlements),
                        Required(c.Reason, $"conflicts[{c.Id}].reason", errors),
                        Person(c.Owner, $"conflicts[{c.Id}].owner")
                    ))
                    .OrderBy(c => c.Id, StringComparer.Ordinal),
            ],
            Sources =
            [
                .. file
                    .Sources.Select(s => new CatalogSource(
                        Required(s.Source, "sources[].source", errors),
                        Sorted(s.Users),
                        Sorted(s.TrustedFor)
                    ))
                    .OrderBy(s => s.Source, StringComparer.Ordinal),
            ],
        };
        CheckReferences(content, errors);
        return content;
    }

    private static void CheckReferences(CatalogContent content, List<string> errors)
    {
        Unique(content.Targets.Select(t => t.Id), "targets[].id", errors);
        Unique(content.Entitlements.Select(e => e.Id), "entitlements[].id", errors);
        Unique(content.Principals.Select(p => p.Id), "people[].id and principals[].id", errors);
        Unique(content.Principals.Select(p => p.Name), "people[].name and principals[].id", errors);
        Unique(content.Sources.Select(s => s.Source), "sources[].source", errors);
        var targets = content.Targets.Select(t => t.Id).ToHashSet(StringComparer.Ordinal);
        var entitlements = content.Entitlements.Select(e => e.Id).ToHashSet(StringComparer.Ordinal);
        errors.AddRange(
            content
                .Entitlements.Where(e => !targets.Contains(e.Target))
                .Select(e => $"entitlements[{e.Id}].target: '{e.Target}' is no target")
        );
        errors.AddRange(
            content
                .Entitlements.Where(e => !EntitlementId().IsMatch(e.Id))
                .Select(e => $"entitlements[{e.Id}].id: write TARGET/RIGHT in letters, digits, '.', '_' and '-'")
        );
        errors.AddRange(
            content
                .Principals.Where(p => !PrincipalId().IsMatch(p.Id))
                .Select(p => $"principals[{p.Id}].id: at most 200 printable characters without blanks")
        );
        errors.AddRange(
            content.Principals.SelectMany(p =>
                p.Accounts.Keys.Where(t => !targets.Contains(t)).Select(t => $"principals[{p.Id}].accounts: '{t}' is no target")
            )
        );
        errors.AddRange(
            content.Conflicts.SelectMany(c =>
                c.Entitlements.Where(e => !entitlements.Contains(e)).Select(e => $"conflicts[{c.Id}].entitlements: '{e}' is no entitlement")
            )
        );
        errors.AddRange(
            content
                .Conflicts.Where(c => c.Entitlements.Count < 2)
                .Select(c => $"conflicts[{c.Id}].entitlements: a conflict needs at least two")
        );
        errors.AddRange(
            content.Sources.SelectMany(s =>
                s.TrustedFor.Except(Trusts, StringComparer.Ordinal)
                    .Select(t => $"sources[{s.Source}].trustedFor: '{t}' is none of {string.Join(", ", Trusts)}")
            )
        );
    }

    private static PrincipalKind Kind(PrincipalEntry entry, List<string> errors)
    {
        foreach (var kind in Enum.GetValues<PrincipalKind>())
        {
            if (kind != PrincipalKind.Human && System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString()) == entry.Kind)
            {
                return kind;
            }
        }

        return Wrong<PrincipalKind>(
            $"principals[{entry.Id}].kind: '{entry.Kind}' is none of service-account, api-key, oauth-client, certificate, workload, ai-agent (people belong in people[])",
            errors
        );
    }

    private static string Required(string? value, string where, List<string> errors)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            errors.Add(where + ": is missing");
            return "";
        }

        return value;
    }

    private static T Wrong<T>(string error, List<string> errors)
    {
        errors.Add(error);
        return default!;
    }

    private static void Unique(IEnumerable<string> values, string where, List<string> errors) =>
        errors.AddRange(
            values
                .GroupBy(v => v, StringComparer.Ordinal)
                .Where(g => g.Count() > 1)
                .Select(g => $"{where}: '{g.Key}' appears {g.Count()} times")
        );

    private static List<string> Sorted(IEnumerable<string> values) =>
        [.. values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}$", RegexOptions.CultureInvariant, 100)]
    private static partial Regex EntitlementId();

    [GeneratedRegex(@"^[^\s\p{C}]{1,200}$", RegexOptions.CultureInvariant, 100)]
    private static partial Regex PrincipalId();
}

/// <summary>The catalog's files are wrong.</summary>
public sealed class CatalogException(IReadOnlyList<string> errors)
    : Exception("The catalog has " + errors.Count + " error(s): " + string.Join("; ", errors))
{
    public IReadOnlyList<string> Errors => errors;
}
