using System.Text.Json;
using Governance.Contracts;
using Governance.EventStore.Relay;
using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Texts;
using Governance.ServiceDefaults;
using Marten;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Targets;

/// <summary>Records what operators order about targets; Issuance is told by the events.</summary>
public sealed class TargetOrders(IDocumentStore store, Catalogs catalogs, IOptions<GovernanceOptions> governance, TimeProvider clock)
{
    /// <summary>The stream of a target.</summary>
    public static Guid StreamOf(string target) => NameBasedUuid.Create(NameBasedUuid.GovernanceNamespace, "target\n" + target);

    /// <summary>The target of a grant, as entitlements are named: TARGET/PRIVILEGE.</summary>
    internal static string TargetOf(Grant grant) => grant.Entitlement.Split('/')[0];

    /// <summary>Accepts who answers at a target now.</summary>
    /// <returns>False when the catalog in force has no such target.</returns>
    public async Task<bool> AcceptAsync(string target, string? identity, string reason, ActorRef actor, CancellationToken cancellationToken)
    {
        await using var session = Open(actor);
        if (!await IsKnownAsync(session, target, cancellationToken))
        {
            return false;
        }

        var words = PersonalText.Of(StreamOf(target), reason);
        session.Store(words);
        session.Events.Append(
            StreamOf(target),
            new TargetAccepted
            {
                Target = target,
                Identity = identity,
                Reason = words.Id,
                Actor = actor,
                At = clock.Now(),
            }
        );
        await session.SaveChangesAsync(cancellationToken);
        return true;
    }

    /// <summary>Has everything tried now that waits at a target.</summary>
    /// <returns>False when the catalog in force has no such target.</returns>
    public async Task<bool> RetryAsync(string target, ActorRef actor, CancellationToken cancellationToken)
    {
        await using var session = Open(actor);
        if (!await IsKnownAsync(session, target, cancellationToken))
        {
            return false;
        }

        await RecordAsync(
            session,
            new RetryOrdered
            {
                Target = target,
                Actor = actor,
                At = clock.Now(),
            },
            cancellationToken
        );
        return true;
    }

    /// <summary>Has tried now what a grant waits for.</summary>
    /// <returns>Where; null when there is no such grant.</returns>
    public async Task<string?> RetryAsync(Guid grant, ActorRef actor, CancellationToken cancellationToken)
    {
        await using var session = Open(actor);
        if (await session.LoadAsync<Grant>(grant, cancellationToken) is not { } found)
        {
            return null;
        }

        var target = TargetOf(found);
        await RecordAsync(
            session,
            new RetryOrdered
            {
                Target = target,
                Grant = grant,
                Principal = found.Principal,
                Entitlement = found.Entitlement,
                Actor = actor,
                At = clock.Now(),
            },
            cancellationToken
        );
        return target;
    }

    private static async Task RecordAsync(IDocumentSession session, RetryOrdered order, CancellationToken cancellationToken)
    {
        session.Events.Append(StreamOf(order.Target), order);
        await session.SaveChangesAsync(cancellationToken);
    }

    private async Task<bool> IsKnownAsync(IQuerySession session, string target, CancellationToken cancellationToken) =>
        (await catalogs.InForceAsync(session, cancellationToken))?.Target(target) is not null;

    private IDocumentSession Open(ActorRef actor)
    {
        var session = store.LightweightSession();
        session.LastModifiedBy = actor.Id;
        session.SetHeader("actor", JsonSerializer.Serialize(actor, WireJson.Options));
        session.SetHeader("tenant", governance.Value.Tenant);
        EventTraces.Stamp(session);
        return session;
    }
}
