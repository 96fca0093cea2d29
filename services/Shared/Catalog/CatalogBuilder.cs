using System.Text.Json;
using Governance.Contracts.Decisions;

namespace Governance.Catalog;

/// <summary>Makes the catalog of what its files say: names of people become ids, everything is in order.</summary>
internal sealed class CatalogBuilder(CatalogErrors errors)
{
    public CatalogContent Build(IReadOnlyList<CatalogFile> files)
    {
        var people = errors.Items(files.SelectMany(f => f.People ?? []), "people").Select(Person).ToList();
        var names = new CatalogNames(people, errors);
        var principals = errors.Items(files.SelectMany(f => f.Principals ?? []), "principals").Select(p => Principal(p, names)).ToList();
        var conflicts = new ConflictBuilder(names, errors);
        return new CatalogContent
        {
            Targets = Ordered(errors.Items(files.SelectMany(f => f.Targets ?? []), "targets").Select(Target), t => t.Id),
            Entitlements = Ordered(
                errors.Items(files.SelectMany(f => f.Entitlements ?? []), "entitlements").Select(e => Entitlement(e, names)),
                e => e.Id
            ),
            Principals = Ordered(people.Concat(principals), p => p.Id),
            Conflicts = Ordered(errors.Items(files.SelectMany(f => f.Conflicts ?? []), "conflicts").Select(conflicts.Build), c => c.Id),
            Sources = Ordered(errors.Items(files.SelectMany(f => f.Sources ?? []), "sources").Select(s => Source(s, names)), s => s.Source),
        };
    }

    private static List<T> Ordered<T>(IEnumerable<T> items, Func<T, string> key) => [.. items.OrderBy(key, StringComparer.Ordinal)];

    private CatalogPrincipal Person(PersonEntry p) =>
        new()
        {
            Id = errors.Id(p.Id, p.Id is null ? "people[].id" : $"people[{p.Id}].id"),
            Name = errors.Required(p.Name, $"people[{p.Id}].name"),
            Kind = PrincipalKind.Human,
            Active = p.Active,
            Groups = errors.Texts(p.Groups, $"people[{p.Id}].groups"),
            Accounts = Accounts(p.Accounts, $"people[{p.Id}].accounts"),
        };

    private CatalogPrincipal Principal(PrincipalEntry p, CatalogNames names) =>
        new()
        {
            Id = errors.Id(p.Id, p.Id is null ? "principals[].id" : $"principals[{p.Id}].id"),
            Name = p.Id ?? "",
            Kind = Kind(p),
            Owner = p.Owner is null ? null : names.Person(p.Owner, $"principals[{p.Id}].owner"),
            Sponsor = p.Sponsor is null ? null : names.Person(p.Sponsor, $"principals[{p.Id}].sponsor"),
            Active = p.Active,
            Groups = errors.Texts(p.Groups, $"principals[{p.Id}].groups"),
            Environment = p.Environment,
            Accounts = Accounts(p.Accounts, $"principals[{p.Id}].accounts"),
        };

    private CatalogTarget Target(TargetEntry t) =>
        new(
            errors.Required(t.Id, "targets[].id"),
            errors.Required(t.Kind, $"targets[{t.Id}].kind"),
            errors.Required(t.Environment, $"targets[{t.Id}].environment"),
            t.Tier,
            t.ActivationBudget is null ? null : Budget(t.ActivationBudget, $"targets[{t.Id}].activationBudget")
        );

    private TimeSpan Budget(string text, string where) =>
        IsoDuration.TryParse(text, out var budget) && budget >= TimeSpan.FromSeconds(1) && budget <= TimeSpan.FromDays(1)
            ? budget
            : errors.Wrong<TimeSpan>($"{where}: '{text}' is no duration from PT1S to P1D, such as PT5M");

    private CatalogEntitlement Entitlement(EntitlementEntry e, CatalogNames names) =>
        new()
        {
            Id = errors.Required(e.Id, "entitlements[].id"),
            Target = errors.Required(e.Target, $"entitlements[{e.Id}].target"),
            Risk =
                Enum.GetValues<Risk>()
                    .Cast<Risk?>()
                    .FirstOrDefault(r => string.Equals(r.ToString(), e.Risk, StringComparison.OrdinalIgnoreCase))
                ?? errors.Wrong<Risk>($"entitlements[{e.Id}].risk: '{e.Risk}' is none of low, medium, high, critical"),
            MaxDuration =
                IsoDuration.TryParse(e.MaxDuration ?? "", out var max) && max > TimeSpan.Zero
                    ? max
                    : errors.Wrong<TimeSpan>($"entitlements[{e.Id}].maxDuration: '{e.MaxDuration}' is no duration such as PT8H"),
            Owner = names.Person(e.Owner, $"entitlements[{e.Id}].owner"),
            Privilege = errors.Required(e.Privilege, $"entitlements[{e.Id}].privilege"),
            Privileges = errors.Texts(e.Privileges, $"entitlements[{e.Id}].privileges"),
        };

    private CatalogSource Source(SourceEntry s, CatalogNames names) =>
        new(
            errors.Required(s.Source, "sources[].source"),
            errors.Texts(s.Users, $"sources[{s.Source}].users"),
            errors.Texts(s.TrustedFor, $"sources[{s.Source}].trustedFor"),
            s.Owner is null ? null : names.Person(s.Owner, $"sources[{s.Source}].owner"),
            s.Callers is null ? null : errors.Texts(s.Callers, $"sources[{s.Source}].callers")
        )
        {
            States = s.States is null ? null : States(s.States, $"sources[{s.Source}].states"),
        };

    private SortedDictionary<string, string> States(Dictionary<string, string?> states, string where)
    {
        string[] meanings = [CatalogSource.Approved, CatalogSource.Open, CatalogSource.Rejected, CatalogSource.Closed];
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (word, meaning) in states)
        {
            if (!meanings.Contains(meaning, StringComparer.Ordinal))
            {
                errors.Add($"{where}.{word}: '{meaning}' is none of {string.Join(", ", meanings)}");
            }
            else if (!sorted.TryAdd(word.ToLowerInvariant(), meaning!))
            {
                errors.Add($"{where}.{word}: is there twice; upper and lower case are the same");
            }
        }

        return sorted;
    }

    private SortedDictionary<string, string> Accounts(Dictionary<string, string?>? accounts, string where)
    {
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (target, account) in accounts ?? [])
        {
            sorted[target] = errors.Required(account, $"{where}.{target}");
        }

        return sorted;
    }

    private PrincipalKind Kind(PrincipalEntry entry)
    {
        foreach (var kind in Enum.GetValues<PrincipalKind>())
        {
            if (kind != PrincipalKind.Human && JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString()) == entry.Kind)
            {
                return kind;
            }
        }

        return errors.Wrong<PrincipalKind>(
            $"principals[{entry.Id}].kind: '{entry.Kind}' is none of service-account, api-key, oauth-client, certificate, workload, ai-agent (people belong in people[])"
        );
    }
}
