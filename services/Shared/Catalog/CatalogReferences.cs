using System.Text.RegularExpressions;
using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;

namespace Governance.Catalog;

/// <summary>Checks what the parts of a catalog say about each other.</summary>
internal static partial class CatalogReferences
{
    private static readonly string[] Trusts = ["tickets", "approvals", "emergency", "requester", "delegation"];

    public static void Check(CatalogContent content, CatalogErrors errors)
    {
        CheckUnique(content, errors);
        var targets = content.Targets.Select(t => t.Id).ToHashSet(StringComparer.Ordinal);
        var entitlements = content.Entitlements.Select(e => e.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var entitlement in content.Entitlements)
        {
            CheckEntitlement(entitlement, targets, errors);
        }

        foreach (var principal in content.Principals)
        {
            foreach (var target in principal.Accounts.Keys.Where(t => !targets.Contains(t)))
            {
                errors.Add(
                    $"principals[{principal.Id}].accounts: '{target}' is no target; add the target or correct the name"
                        + Suggestions.For(target, targets)
                );
            }
        }

        CheckPlaces(content, errors);
        foreach (var conflict in content.Conflicts)
        {
            CheckConflict(conflict, entitlements, errors);
        }

        var identities = content.Principals.Where(p => p.Kind != PrincipalKind.Human).Select(p => p.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var source in content.Sources)
        {
            foreach (var caller in (source.Callers ?? []).Where(c => !identities.Contains(c)))
            {
                errors.Add($"sources[{source.Source}].callers: '{caller}' is no id of principals[]; add the identity or correct the name");
            }

            foreach (var trust in source.TrustedFor.Except(Trusts, StringComparer.Ordinal))
            {
                errors.Add($"sources[{source.Source}].trustedFor: '{trust}' is none of {string.Join(", ", Trusts)}");
            }
        }
    }

    /// <param name="content">The catalog.</param>
    /// <param name="kinds">Those that there are connectors for; null where it does not matter.</param>
    /// <param name="errors">Takes what is wrong.</param>
    public static void CheckKinds(CatalogContent content, IReadOnlyCollection<string>? kinds, CatalogErrors errors)
    {
        foreach (
            var target in content.Targets.Where(t =>
                kinds is not null && t.Kind.Length > 0 && !kinds.Contains(t.Kind, StringComparer.Ordinal)
            )
        )
        {
            errors.Add(
                $"targets[{target.Id}].kind: there is no connector for '{target.Kind}', only for {string.Join(", ", kinds!.Order(StringComparer.Ordinal))}"
                    + Suggestions.For(target.Kind, kinds!)
            );
        }
    }

    private static void CheckUnique(CatalogContent content, CatalogErrors errors)
    {
        errors.Unique(content.Targets.Select(t => t.Id), "targets[].id");
        errors.Unique(content.Entitlements.Select(e => e.Id), "entitlements[].id");
        errors.Unique(content.Principals.Select(p => p.Id), "people[].id and principals[].id");
        errors.Unique(content.Principals.Select(p => p.Name), "people[].name and principals[].id");
        // Commands and requests take either, and would mean one or the other.
        var names = content.Principals.Where(p => p.Name.Length > 0).ToLookup(p => p.Name, StringComparer.Ordinal);
        foreach (var person in content.Principals.Where(p => p.Kind == PrincipalKind.Human && p.Id.Length > 0))
        {
            foreach (var other in names[person.Id].Where(o => o.Id != person.Id))
            {
                errors.Add($"people[{person.Id}].id: '{person.Id}' is the name of {other.Id}; give one of them another");
            }
        }

        errors.Unique(content.Conflicts.Select(c => c.Id), "conflicts[].id");
        errors.Unique(content.Conflicts.SelectMany(c => c.Exemptions ?? []).Select(e => e.Id), "conflicts[].exemptions[].id");
        errors.Unique(content.Sources.Select(s => s.Source), "sources[].source");
    }

    private static void CheckEntitlement(CatalogEntitlement entitlement, HashSet<string> targets, CatalogErrors errors)
    {
        if (entitlement.Target.Length > 0 && !targets.Contains(entitlement.Target))
        {
            errors.Add(
                $"entitlements[{entitlement.Id}].target: '{entitlement.Target}' is no target; add the target or correct the name"
                    + Suggestions.For(entitlement.Target, targets)
            );
        }

        if (entitlement.Id.Length > 0 && !EntitlementId().IsMatch(entitlement.Id))
        {
            errors.Add($"entitlements[{entitlement.Id}].id: write TARGET/RIGHT in letters, digits, '.', '_' and '-'");
        }
    }

    // Two holdings in one place at a target would take each other's access: the target can't tell whose it is.
    private static void CheckPlaces(CatalogContent content, CatalogErrors errors)
    {
        var folded = content.Targets.Where(t => t.Kind == TargetKinds.Scim).Select(t => t.Id).ToHashSet(StringComparer.Ordinal);
        string Place(string target, string name) => folded.Contains(target) ? name.ToUpperInvariant() : name;
        foreach (
            var same in content
                .Entitlements.GroupBy(e => (e.Target, Place(e.Target, e.Privilege)))
                .Where(g => g.Key.Item2.Length > 0 && g.Count() > 1)
        )
        {
            var others = string.Join(", ", same.Skip(1).Select(e => e.Id));
            errors.Add(
                $"entitlements[{same.First().Id}].privilege: {others} has the same one at {same.Key.Target}; give each a right of its own there"
            );
        }

        foreach (
            var same in content
                .Principals.SelectMany(p => p.Accounts.Select(a => (Principal: p, Target: a.Key, Account: a.Value)))
                .GroupBy(a => (a.Target, Place(a.Target, a.Account)))
                .Where(g => g.Key.Item2.Length > 0 && g.Count() > 1)
        )
        {
            var others = string.Join(", ", same.Skip(1).Select(a => a.Principal.Name));
            errors.Add(
                $"principals[{same.First().Principal.Name}].accounts.{same.Key.Target}: {others} has the same one; give each an account of its own"
            );
        }
    }

    private static void CheckConflict(CatalogConflict conflict, HashSet<string> entitlements, CatalogErrors errors)
    {
        foreach (var unknown in conflict.Entitlements.Where(e => !entitlements.Contains(e)))
        {
            errors.Add(
                $"conflicts[{conflict.Id}].entitlements: '{unknown}' is no entitlement; add it or correct the name"
                    + Suggestions.For(unknown, entitlements)
            );
        }

        if (conflict.Entitlements.Count < 2)
        {
            errors.Add($"conflicts[{conflict.Id}].entitlements: a conflict needs at least two; add another or remove the conflict");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}\z", RegexOptions.CultureInvariant, RegexTimeout.Milliseconds)]
    private static partial Regex EntitlementId();
}
