using Governance.Contracts.Decisions;
using Governance.Lifecycle.Catalog;
using Marten;

namespace Governance.Lifecycle.KillSwitch;

/// <summary>What a selector means now: names become ids, an owner becomes everything that they own, a target its entitlements.</summary>
public sealed class SelectorResolver(OrderedGrants grants, Catalogs catalogs)
{
    private static readonly RevocationCriteria Anything = new(null, null, null, null);

    /// <summary>The selector with ids and what it means; or the member that names nothing that there is or ever was.</summary>
    public async Task<ResolvedSelector> ResolveAsync(IQuerySession session, RevocationSelector said, CancellationToken cancellationToken)
    {
        var catalog = await catalogs.InForceAsync(session, cancellationToken);
        var selector = said.Named(name => catalog?.Find(name)?.Id ?? name);
        // Whoever was in the catalog once may still hold something.
        async Task<bool> UnknownAsync(bool inCatalog, RevocationCriteria criteria) =>
            !inCatalog && !await grants.EverAsync(session, criteria, cancellationToken);

        if (selector.Principal is { } p && await UnknownAsync(catalog?.Principal(p) is not null, Anything with { Principals = [p] }))
        {
            return ResolvedSelector.Unknown(selector, "principal", p);
        }

        if (selector.Owner is { } owner && catalog?.Principal(owner) is not { Kind: PrincipalKind.Human })
        {
            return ResolvedSelector.Unknown(selector, "owner", owner);
        }

        if (selector.Entitlement is { } e && await UnknownAsync(catalog?.Entitlement(e) is not null, Anything with { Entitlements = [e] }))
        {
            return ResolvedSelector.Unknown(selector, "entitlement", e);
        }

        if (selector.Ticket is { } ticket && await UnknownAsync(false, Anything with { Ticket = ticket }))
        {
            return ResolvedSelector.Unknown(selector, "ticket", ticket.Key);
        }

        if (selector.Bundle is { } bundle && await UnknownAsync(false, Anything with { Bundle = bundle }))
        {
            return ResolvedSelector.Unknown(selector, "bundle", bundle);
        }

        var ofTarget = selector.Target is { } target ? await EntitlementsOfAsync(session, target, cancellationToken) : null;
        if (selector.Target is { } named && ofTarget is [] && catalog?.Target(named) is null)
        {
            return ResolvedSelector.Unknown(selector, "target", named);
        }

        return new ResolvedSelector(
            selector,
            new RevocationCriteria(
                Both(selector.Principal, selector.Owner is { } o ? [o, .. catalog!.OwnedBy(o)] : null),
                Both(selector.Entitlement, ofTarget),
                selector.Ticket,
                selector.Bundle
            ),
            null
        );
    }

    /// <summary>The entitlements of a target in the catalog, and those named after it that somebody has and the catalog does not.</summary>
    public async Task<IReadOnlyList<string>> EntitlementsOfAsync(IQuerySession session, string target, CancellationToken cancellationToken)
    {
        var catalog = await catalogs.InForceAsync(session, cancellationToken);
        var seen = await grants.EntitlementsSeenAsync(session, target, cancellationToken);
        return
        [
            .. (catalog?.Content.Entitlements.Where(e => e.Target == target).Select(e => e.Id) ?? [])
                .Concat(seen.Where(id => catalog?.Entitlement(id) is null))
                .Order(StringComparer.Ordinal),
        ];
    }

    private static IReadOnlyList<string>? Both(string? one, IReadOnlyList<string>? many) =>
        one is null ? many
        : many?.Contains(one, StringComparer.Ordinal) == false ? []
        : [one];
}

/// <summary>A selector and what it means.</summary>
/// <param name="Selector">With ids in place of names.</param>
/// <param name="Criteria">What a grant is compared with.</param>
/// <param name="Fault">What it names that there is not; null if all is known.</param>
public sealed record ResolvedSelector(RevocationSelector Selector, RevocationCriteria Criteria, SelectorFault? Fault)
{
    public static ResolvedSelector Unknown(RevocationSelector selector, string member, string value) =>
        new(selector, new RevocationCriteria([], [], null, null), new SelectorFault(member, value));
}

/// <summary>A member of a selector that names nothing that there is or ever was.</summary>
public sealed record SelectorFault(string Member, string Value);
