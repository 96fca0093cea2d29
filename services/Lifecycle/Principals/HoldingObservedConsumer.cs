using Governance.Contracts.Issuance;
using Governance.Lifecycle.Grants;
using MassTransit;

namespace Governance.Lifecycle.Principals;

/// <summary>Takes what was read back into the ledger, and tells each grant that waits, in one transaction.</summary>
internal sealed class HoldingObservedConsumer(GrantSessions sessions, GrantRaiser raiser, ILogger<HoldingObservedConsumer> logger)
    : IConsumer<HoldingObserved>
{
    public async Task Consume(ConsumeContext<HoldingObserved> context)
    {
        var (seen, cancellation) = (context.Message, context.CancellationToken);
        await using var session = sessions.OpenFor(context, null);
        await session.OpenForPrincipalAsync(seen.Principal, cancellation);
        var ledger = await session.LedgerAsync(cancellation);
        if (!ledger.Holdings.TryGetValue(seen.Entitlement, out var holding))
        {
            Log.UnknownHolding(logger, seen.Entitlement, seen.Revision);
            return;
        }

        if (seen.Revision > ledger.Revision)
        {
            ContinueAbove(session, ledger, holding, seen);
            await session.SaveAsync(cancellation);
            return;
        }

        var current = seen.Revision == holding.Revision;
        if (current && seen is { Overdue: true, Direct: false } && holding.Leases.Count > 0)
        {
            // Whatever kept us from ending these grants: what ends them now finds the access gone.
            Log.EndedByIssuance(logger, seen.Entitlement, seen.Revision);
            GrantMetrics.EndedByIssuance();
        }
        else if (current && seen.Direct != holding.Leases.Count > 0)
        {
            Log.AnswerContradicts(logger, seen.Entitlement, seen.Revision, seen.Direct);
            return;
        }

        await TellAsync(context, session, ledger, holding, seen);
        await session.SaveAsync(cancellation);
    }

    private async Task TellAsync(
        ConsumeContext context,
        GrantSession session,
        PrincipalLedger ledger,
        Holding holding,
        HoldingObserved seen
    )
    {
        var told = new List<Guid>();
        var waiting = holding.Awaiting.Where(a => a.Value <= seen.Revision).Select(a => a.Key).Order().ToList();
        foreach (var id in waiting)
        {
            var grant =
                await session.GrantAsync(id, context.CancellationToken)
                ?? throw new InvalidOperationException($"The ledger names the grant {id}, which does not exist.");
            var others = holding.Leases.Select(l => l.GrantId).Where(l => l != id).Order().ToList();
            if (grant.CurrentState == GrantState.Activating ? seen.Direct : !seen.Direct || others.Count > 0)
            {
                told.Add(id);
            }
        }

        var news =
            holding.Observed is not { } last
            || last.Direct != seen.Direct
            || last.Effective != seen.Effective
            || last.Until != seen.Until
            || !(last.Paths ?? []).SequenceEqual(seen.Paths, StringComparer.Ordinal);
        if (told.Count == 0 && !(news && seen.Revision >= (holding.Observed?.Revision ?? 0)))
        {
            return;
        }

        session.Record(
            ledger,
            new HoldingConfirmed
            {
                Entitlement = seen.Entitlement,
                Revision = seen.Revision,
                Direct = seen.Direct,
                Effective = seen.Effective,
                Paths = seen.Paths,
                Until = seen.Until,
                PreExisting = seen.PreExisting,
                Fenced = seen.Fenced,
                ObservedAt = ReadAt(session, holding, seen),
                Told = told,
                At = session.Now,
            }
        );
        foreach (var id in told)
        {
            var others = holding.Leases.Select(l => l.GrantId).Where(l => l != id).Order().ToList();
            await raiser.RaiseAsync(
                context,
                session,
                (await session.GrantAsync(id, context.CancellationToken))!,
                raiser.Machine.Settled,
                new HoldingSettled(id, seen, others)
            );
        }
    }

    // When a lower revision was recorded is not kept: what it is answered with has an upper bound only.
    private static DateTimeOffset ReadAt(GrantSession session, Holding holding, HoldingObserved seen)
    {
        var window = new AnswerWindow(seen.Revision == holding.Revision ? holding.OrderedAt : null, session.Now);
        var told = Moments.Truncate(seen.ObservedAt);
        return seen.Direct ? window.Presence(told) : window.Absence(told);
    }

    // Issuance knows more than the ledger: the ledger was restored from a backup. What is desired is asked for again, above.
    private static void ContinueAbove(GrantSession session, PrincipalLedger ledger, Holding holding, HoldingObserved seen)
    {
        session.Record(
            ledger,
            new HoldingDesired
            {
                Principal = seen.Principal,
                Entitlement = seen.Entitlement,
                Revision = seen.Revision + 1,
                Leases = holding.Leases,
                Binding = holding.Binding,
                At = session.Now,
            }
        );
    }
}
