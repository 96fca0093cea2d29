using System.Globalization;
using Governance.Catalog;
using Governance.Contracts.Decisions;

namespace Governance.Cli.Cases;

/// <summary>The conflicts of all that a decision names, with the exemptions of the catalog and those that a case gives.</summary>
internal sealed class CaseConflicts(CaseNames names, LoadedCatalog catalog, IReadOnlyList<GivenExemption> exemptions)
{
    public IReadOnlyList<ConflictFacts> Of(IReadOnlyCollection<string> entitlements, string? human)
    {
        var all = exemptions
            .Select((exemption, index) => (Conflict: names.Conflict(exemption.Conflict, "exemptions.conflict"), exemption, index))
            .Where(found => found.Conflict is not null)
            .Select(found => (found.Conflict!.Id, Facts: Exemption(found.exemption, found.index, found.Conflict, human)))
            .ToList();
        return
        [
            .. catalog
                .Content.Conflicts.Where(conflict => conflict.Entitlements.Any(e => entitlements.Contains(e, StringComparer.Ordinal)))
                .Select(conflict => new ConflictFacts
                {
                    Id = conflict.Id,
                    Entitlements = conflict.Entitlements,
                    Owner = conflict.Owner,
                    Exemptions = OfActor(
                        (conflict.Exemptions ?? []).Select(OfCatalog).Concat(all.Where(e => e.Id == conflict.Id).Select(e => e.Facts)),
                        human
                    ),
                }),
        ];
    }

    // As the contract has it: those of the grantee's actor, in the order of their ids.
    private static List<ExemptionFacts>? OfActor(IEnumerable<ExemptionFacts> exemptions, string? human) =>
        exemptions.Where(e => e.Human == human).OrderBy(e => e.Id, StringComparer.Ordinal).ToList() is { Count: > 0 } found ? found : null;

    private static ExemptionFacts OfCatalog(CatalogExemption exemption) =>
        new()
        {
            Id = exemption.Id,
            Human = exemption.Human,
            From = exemption.From,
            Until = exemption.Until,
            CompensatingControl = exemption.CompensatingControl,
            ApprovedBy = exemption.ApprovedBy,
        };

    private ExemptionFacts Exemption(GivenExemption exemption, int index, CatalogConflict conflict, string? human) =>
        new()
        {
            Id = exemption.Id?.Text ?? string.Create(CultureInfo.InvariantCulture, $"exemption-{index + 1}"),
            Human = exemption.Human is null ? human ?? "" : names.Principal(exemption.Human, "exemptions.human")?.Id ?? "",
            From = names.Required(exemption.From, "exemptions.from"),
            Until = names.Required(exemption.Until, "exemptions.until"),
            CompensatingControl = exemption.CompensatingControl,
            ApprovedBy = exemption.ApprovedBy is null
                ? conflict.Owner
                : names.Principal(exemption.ApprovedBy, "exemptions.approvedBy")?.Id ?? "",
        };
}
