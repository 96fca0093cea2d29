using System.Text.Json;
using Governance.Contracts;
using Governance.EventStore.Relay;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Installation;
using Governance.Lifecycle.Texts;
using Governance.ServiceDefaults;
using Marten;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.KillSwitch;

/// <summary>Takes operators' orders, and closes them when everything that they were about is over.</summary>
public sealed class RevocationOrders(
    IDocumentStore store,
    OrderedGrants grants,
    SelectorResolver resolver,
    IOptions<LifecycleOptions> options,
    IOptions<GovernanceOptions> governance,
    TimeProvider clock,
    ILogger<RevocationOrders> logger
)
{
    // Ten thousand grants in one event would be a megabyte.
    private const int GrantsAnEvent = 1000;

    /// <summary>What an order would be about now. Records nothing.</summary>
    public async Task<(ResolvedSelector Selector, MatchedGrants Matched)> PreviewAsync(
        RevocationSelector said,
        CancellationToken cancellationToken
    )
    {
        await using var session = store.QuerySession();
        var resolved = await resolver.ResolveAsync(session, said, cancellationToken);
        return (resolved, await grants.MatchAsync(session, resolved.Criteria, cancellationToken));
    }

    /// <summary>Whether an order may only be given with the number of what it hits.</summary>
    public bool IsGuarded(MatchedGrants matched) =>
        matched.Hit > options.Value.RevocationGuardCount && matched.Hit > options.Value.RevocationGuardShare * matched.Live;

    /// <summary>Records an order with everything that it is about, unless the guardrail stops it. A repeat by the same key is the same order.</summary>
    public async Task<OrderAnswer> GiveAsync(GiveOrder order, CancellationToken cancellationToken)
    {
        var id = order.Key is null ? NewId.NextGuid() : RevocationOrder.IdOf(order.Actor.Id, order.Key);
        await using var session = store.LightweightSession();
        session.LastModifiedBy = order.Actor.Id;
        session.SetHeader("actor", JsonSerializer.Serialize(order.Actor, WireJson.Options));
        session.SetHeader("tenant", governance.Value.Tenant);
        EventTraces.Stamp(session);
        await session.BeginTransactionAsync(cancellationToken);
        await OrderedGrants.LockAsync(session, cancellationToken);
        var resolved = await resolver.ResolveAsync(session, order.Selector, cancellationToken);
        var stream = await session.Events.FetchForWriting<RevocationOrder>(id, cancellationToken);
        if (stream.Aggregate is { } given)
        {
            return given.Selector == resolved.Selector ? new OrderAnswer.Repeated(id) : new OrderAnswer.KeyReused();
        }

        if (resolved.Fault is { } fault)
        {
            return new OrderAnswer.UnknownName(fault);
        }

        var matched = await grants.MatchAsync(session, resolved.Criteria, cancellationToken);
        if (order.Confirm is { } number ? number != matched.Hit : IsGuarded(matched))
        {
            return new OrderAnswer.Unconfirmed(matched);
        }

        var reason = PersonalText.Of(id, order.Reason);
        session.Store(reason);
        var now = clock.Now();
        stream.AppendOne(
            new RevocationOrdered
            {
                Selector = resolved.Selector,
                Principals = resolved.Criteria.Principals,
                Entitlements = resolved.Criteria.Entitlements,
                Reason = reason.Id,
                Matched = matched.Grants.Count,
                UnderWay = matched.UnderWay,
                Live = matched.Live,
                Confirmed = order.Confirm,
                Actor = order.Actor,
                At = now,
            }
        );
        foreach (var page in matched.Grants.Chunk(GrantsAnEvent))
        {
            stream.AppendOne(new RevocationAimed([.. page.Select(g => new AimedGrant(g.Id, GrantState.ToWire(g.State)))], now));
        }

        await session.SaveChangesAsync(cancellationToken);
        Log.RevocationOrdered(logger, id, matched.Grants.Count, matched.Live, matched.UnderWay);
        GrantMetrics.RevocationOrdered();
        return new OrderAnswer.Given(id);
    }

    /// <summary>Records how everything ended, if everything has.</summary>
    internal async Task FinishAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var session = store.LightweightSession();
        session.SetHeader("actor", JsonSerializer.Serialize(ActorRef.System("lifecycle"), WireJson.Options));
        session.SetHeader("tenant", governance.Value.Tenant);
        await session.BeginTransactionAsync(cancellationToken);
        await InstallationLock.TakeAsync(session, cancellationToken, InstallationLock.OfRevocation(id));
        var stream = await session.Events.FetchForWriting<RevocationOrder>(id, cancellationToken);
        if (
            stream.Aggregate is not { State: RevocationState.Revoking } order
            || await grants.AccountAsync(session, id, cancellationToken) is not { } accounted
        )
        {
            return;
        }

        var now = clock.Now();
        foreach (var page in accounted.Chunk(GrantsAnEvent))
        {
            stream.AppendOne(new RevocationAccounted(page, now));
        }

        var gone = accounted.Count(g => g.State == GrantState.ToWire(GrantState.Ended));
        stream.AppendOne(
            new RevocationFinished
            {
                Gone = gone,
                Prevented = accounted.Count - gone,
                LastEndedAt = accounted.Max(g => g.EndedAt),
                At = now,
            }
        );
        await session.SaveChangesAsync(cancellationToken);
        Log.RevocationFinished(logger, id, gone, accounted.Count - gone);
        GrantMetrics.RevocationFinished(now - order.At);
    }
}

/// <summary>An operator's words.</summary>
/// <param name="Actor">Who.</param>
/// <param name="Selector">What shall go.</param>
/// <param name="Reason">Why.</param>
/// <param name="Confirm">How many the operator knows that it hits.</param>
/// <param name="Key">The operator's idempotency key; null when none was given.</param>
public sealed record GiveOrder(ActorRef Actor, RevocationSelector Selector, string Reason, int? Confirm, string? Key);

/// <summary>What became of an order.</summary>
public abstract record OrderAnswer
{
    private OrderAnswer() { }

    public sealed record Given(Guid Id) : OrderAnswer;

    /// <summary>It was given before, by the same key.</summary>
    public sealed record Repeated(Guid Id) : OrderAnswer;

    /// <summary>The same key gave another order.</summary>
    public sealed record KeyReused : OrderAnswer;

    public sealed record UnknownName(SelectorFault Fault) : OrderAnswer;

    /// <summary>It hits more than may go without the number, or it was given another number than it hits.</summary>
    public sealed record Unconfirmed(MatchedGrants Matched) : OrderAnswer;
}
