using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>What conflicts with what for one actor at one moment: declared conflicts without those that the actor is exempt from.</summary>
internal sealed class KnownConflicts
{
    private readonly IReadOnlyDictionary<string, EntitlementFacts> _entitlements;
    private readonly IReadOnlyList<ConflictFacts>? _sets;
    private readonly Dictionary<string, ExemptionFacts> _exempt = new(StringComparer.Ordinal);

    public KnownConflicts(AccessFacts facts, IReadOnlyDictionary<string, EntitlementFacts> entitlements, DateTimeOffset start)
    {
        _entitlements = entitlements;
        _sets = facts.Conflicts;
        foreach (var set in facts.Conflicts ?? [])
        {
            var current = (set.Exemptions ?? []).Where(exemption =>
                exemption.From <= start && start < exemption.Until && Covers(exemption, set, facts.Actor?.Human)
            );
            // Of several the one that lasts longest counts.
            if (
                current
                    .OrderByDescending(exemption => exemption.Until)
                    .ThenBy(exemption => exemption.Id, StringComparer.Ordinal)
                    .FirstOrDefault() is
                { } exemption
            )
            {
                _exempt[set.Id] = exemption;
            }
        }
    }

    /// <summary>On whichever side the catalog says so, exemptions left out.</summary>
    public IReadOnlyList<string> Of(EntitlementFacts entitlement) =>
        [
            .. (
                _sets is null
                    ? Declared(entitlement)
                    : _sets.Where(set => !_exempt.ContainsKey(set.Id)).SelectMany(set => Others(set, entitlement.Id))
            )
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Exemptions without which something held would conflict with an entitlement.</summary>
    public IReadOnlyList<(ConflictFacts Conflict, ExemptionFacts Exemption)> ReliedOn(
        EntitlementFacts entitlement,
        IReadOnlyList<string> held
    ) =>
        [
            .. (_sets ?? [])
                .Where(set => _exempt.ContainsKey(set.Id) && Others(set, entitlement.Id).Intersect(held, StringComparer.Ordinal).Any())
                .Select(set => (set, _exempt[set.Id]))
                .OrderBy(relied => relied.set.Id, StringComparer.Ordinal),
        ];

    // Nobody exempts themselves, whatever the catalog says.
    private static bool Covers(ExemptionFacts exemption, ConflictFacts set, string? human) =>
        human is not null
        && string.Equals(exemption.Human, human, StringComparison.Ordinal)
        && string.Equals(exemption.ApprovedBy, set.Owner, StringComparison.Ordinal)
        && !string.Equals(exemption.ApprovedBy, exemption.Human, StringComparison.Ordinal);

    private static IEnumerable<string> Others(ConflictFacts set, string entitlement) =>
        set.Entitlements.Contains(entitlement, StringComparer.Ordinal)
            ? set.Entitlements.Where(other => !string.Equals(other, entitlement, StringComparison.Ordinal))
            : [];

    private IEnumerable<string> Declared(EntitlementFacts entitlement) =>
        entitlement.Conflicts.Concat(
            _entitlements.Values.Where(other => other.Conflicts.Contains(entitlement.Id, StringComparer.Ordinal)).Select(other => other.Id)
        );
}
