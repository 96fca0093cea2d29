using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.KillSwitch;
using Governance.Lifecycle.Principals;
using Governance.Lifecycle.Texts;
using Marten;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Api;

/// <summary>Reads orders, and what one would be about, for people.</summary>
public sealed class RevocationReader(
    IDocumentStore store,
    OrderedGrants grants,
    RevocationOrders orders,
    Catalogs catalogs,
    TimeProvider clock,
    IOptions<LifecycleOptions> options
)
{
    private const int Latest = 20;
    private const int Failures = 20;

    public async Task<IReadOnlyList<RevocationView>> LatestAsync(CancellationToken cancellationToken)
    {
        var views = new List<RevocationView>();
        foreach (var order in await grants.LatestAsync(Latest, cancellationToken))
        {
            views.Add(await ViewAsync(order, cancellationToken));
        }

        return views;
    }

    public async Task<RevocationView?> GetAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        return await session.LoadAsync<RevocationOrder>(id, cancellationToken) is { } order
            ? await ViewAsync(order, cancellationToken)
            : null;
    }

    /// <summary>What an order would be about; or what the selector names that there is not.</summary>
    internal async Task<(RevocationPreview? Preview, SelectorFault? Fault)> PreviewAsync(
        PreviewBody body,
        CancellationToken cancellationToken
    )
    {
        var (resolved, matched) = await orders.PreviewAsync(body.Selector, cancellationToken);
        if (resolved.Fault is { } fault)
        {
            return (null, fault);
        }

        await using var session = store.QuerySession();
        var catalog = await catalogs.InForceAsync(session, cancellationToken);
        string Name(string id) => catalog?.NameOf(id) ?? id;
        var after = matched.Grants.SkipWhile(g => body.Cursor is { } cursor && g.Id != cursor).Skip(body.Cursor is null ? 0 : 1).ToList();
        var page = after.Take(body.Limit).Select(g => g.Id).ToArray();
        var shown = (await session.LoadManyAsync<Grant>(cancellationToken, page)).ToDictionary(g => g.Id);
        var latest = await LatestFailure.OfAsync(
            session,
            shown.Values.Where(g => g.Failure is not null).Select(g => g.Id),
            cancellationToken
        );
        var now = clock.Now();
        return (
            new RevocationPreview
            {
                Selector = resolved.Selector.Named(Name),
                Matched = matched.Grants.Count,
                UnderWay = matched.UnderWay,
                Hit = matched.Hit,
                Live = matched.Live,
                NeedsConfirmation = orders.IsGuarded(matched),
                States = matched
                    .Grants.CountBy(g => GrantState.ToWire(g.State), StringComparer.Ordinal)
                    .ToDictionary(s => s.Key, s => s.Value, StringComparer.Ordinal),
                Targets = NameCount.Of(matched.Grants.Select(g => TargetOf(g.Entitlement, catalog))),
                Entitlements = NameCount.Of(matched.Grants.Select(g => g.Entitlement)),
                Principals = NameCount.Of(matched.Grants.Select(g => Name(g.Principal))),
                Grants =
                [
                    .. page.Where(shown.ContainsKey)
                        .Select(id =>
                            GrantView.Of(shown[id], null, catalog, options.Value.RenewalWindow) with
                            {
                                Failure = LatestFailure.Seen(shown[id].Failure, latest.GetValueOrDefault(id), now),
                            }
                        ),
                ],
                Next = after.Count > page.Length && page.Length > 0 ? page[^1] : null,
            },
            null
        );
    }

    private static string TargetOf(string entitlement, LoadedCatalog? catalog) =>
        catalog?.Entitlement(entitlement)?.Target ?? entitlement.Split('/', 2)[0];

    private async Task<RevocationView> ViewAsync(RevocationOrder order, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        var catalog = await catalogs.InForceAsync(session, cancellationToken);
        string Name(string id) => catalog?.NameOf(id) ?? id;
        var open = order.State == RevocationState.Revoking;
        var failing = open ? await grants.FailingAsync(order.Id, Failures, cancellationToken) : [];
        var latest = await LatestFailure.OfAsync(session, failing.Select(g => g.Id), cancellationToken);
        var now = clock.Now();
        return RevocationView.Of(
            order,
            open ? await grants.ProgressAsync(order.Id, cancellationToken) : null,
            [
                .. failing.Select(g => new RevocationFailure(
                    g.Id,
                    Name(g.Principal),
                    g.Entitlement,
                    LatestFailure.Seen(g.Failure, latest.GetValueOrDefault(g.Id), now)
                )),
            ],
            (await session.LoadAsync<PersonalText>(order.Reason, cancellationToken))?.Text,
            Name
        ) with
        {
            StillEffective = await RemainingAsync(session, order, catalog, cancellationToken),
        };
    }

    private async Task<IReadOnlyList<RevocationRemainder>?> RemainingAsync(
        IQuerySession session,
        RevocationOrder order,
        LoadedCatalog? catalog,
        CancellationToken cancellationToken
    )
    {
        var remaining = await grants.RemainingAsync(session, order.Id, cancellationToken);
        var ledgers = (
            await session.LoadManyAsync<PrincipalLedger>(
                cancellationToken,
                [.. remaining.Select(g => NameBasedUuid.ForPrincipal(g.Principal)).Distinct()]
            )
        ).ToDictionary(l => l.Id);
        var found = remaining
            .Select(g => (Grant: g, View: StillEffectiveView.Of(g, ledgers.GetValueOrDefault(NameBasedUuid.ForPrincipal(g.Principal)))))
            .Where(r => r.View is not null)
            .Select(r => new RevocationRemainder(
                r.Grant.Id,
                catalog?.NameOf(r.Grant.Principal) ?? r.Grant.Principal,
                r.Grant.Entitlement,
                r.View!.HeldBy,
                r.View.Paths
            ))
            .ToList();
        return found.Count == 0 ? null : found;
    }
}
