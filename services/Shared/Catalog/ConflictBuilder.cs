namespace Governance.Catalog;

/// <summary>Conflicts and the exemptions from them.</summary>
internal sealed class ConflictBuilder(CatalogNames names, CatalogErrors errors)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    public CatalogConflict Build(ConflictEntry entry)
    {
        var where = $"conflicts[{entry.Id}]";
        var owner = names.Person(entry.Owner, where + ".owner");
        var exemptions = errors
            .Items(entry.Exemptions, where + ".exemptions")
            .Select(e => Exemption(e, where, owner))
            .OrderBy(e => e.Id, StringComparer.Ordinal)
            .ToList();
        return new CatalogConflict(
            errors.Id(entry.Id, entry.Id is null ? "conflicts[].id" : where + ".id"),
            errors.Texts(entry.Entitlements, where + ".entitlements"),
            errors.Words(entry.Reason, where + ".reason"),
            owner,
            exemptions.Count == 0 ? null : exemptions
        );
    }

    private CatalogExemption Exemption(ExemptionEntry entry, string conflict, string owner)
    {
        var where = $"{conflict}.exemptions[{entry.Id}]";
        var human = names.Person(entry.Human, where + ".human");
        var from = Time(entry.From, where + ".from");
        var until = Time(entry.Until, where + ".until");
        CheckLength(from, until, where);
        return new CatalogExemption
        {
            Id = errors.Id(entry.Id, entry.Id is null ? conflict + ".exemptions[].id" : where + ".id"),
            Human = human,
            From = from ?? default,
            Until = until ?? default,
            CompensatingControl = errors.Words(entry.CompensatingControl, where + ".compensatingControl"),
            Reason = errors.Words(entry.Reason, where + ".reason"),
            ApprovedBy = Approver(entry, owner, human, where + ".approvedBy"),
        };
    }

    private DateTimeOffset? Time(string? text, string where)
    {
        var required = errors.Required(text, where);
        if (required.Length == 0)
        {
            return null;
        }

        return Rfc3339.TryParse(required, out var time)
            ? time
            : errors.Wrong<DateTimeOffset?>($"{where}: '{text}' is no time of RFC 3339 with its offset, such as 2026-11-23T12:00:00Z");
    }

    private void CheckLength(DateTimeOffset? from, DateTimeOffset? until, string where)
    {
        if (until <= from)
        {
            errors.Add($"{where}.until: is not after its from; give it a later time");
        }
        else if (until - from > Longest)
        {
            errors.Add($"{where}.until: is more than {Longest.Days} days after its from; shorten it, and have it approved again in time");
        }
    }

    private string Approver(ExemptionEntry entry, string owner, string human, string where)
    {
        var approver = names.Person(entry.ApprovedBy, where);
        if (approver.Length == 0)
        {
            return "";
        }

        if (approver == human)
        {
            errors.Add($"{where}: '{entry.ApprovedBy}' is whom it exempts; somebody else has to own the conflict and approve this");
        }
        else if (owner.Length > 0 && approver != owner)
        {
            errors.Add($"{where}: '{entry.ApprovedBy}' is not the conflict's owner; only the owner approves exemptions");
        }

        return approver;
    }
}
