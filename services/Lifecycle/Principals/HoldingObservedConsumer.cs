using Governance.Contracts.Issuance;
using Governance.Lifecycle.Grants;
using MassTransit;

namespace Governance.Lifecycle.Principals;

/// <summary>Takes what was read back into the ledger, and tells each grant that waits, in one transaction.</summary>
internal sealed class HoldingObservedConsumer(GrantSessions sessions, GrantRaiser raiser, ILogger<HoldingObservedConsumer> logger)
    : IConsumer<HoldingObserved>
{
    private static readonly TimeSpan RecordedAgainAfter = TimeSpan.FromMinutes(30);

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
        else if (seen.Reread && !current)
        {
            // Something else is asked for by now.
            return;
        }
        else if (current && !seen.Reread && seen.Direct != holding.Leases.Count > 0)
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
            || !(last.Paths ?? []).SequenceEqual(seen.Paths, StringComparer.Ordinal)
            || !(last.Narrowed ?? []).SequenceEqual(seen.Narrowed ?? [], StringComparer.Ordinal);
        var readAt = ReadAt(session, holding, seen);
        if (
            told.Count == 0
            && !(IsLater(holding.Observed, seen.Revision, readAt) && (news || (seen.Reread && IsOld(holding.Observed, readAt))))
        )
        {
            return;
        }

        if (seen is { Reread: true, Direct: false } && holding.Observed is not { Direct: false })
        {
            var without = holding.Leases.Select(l => l.GrantId).Order().ToList();
            session.AfterCommit(_ =>
            {
                GrantMetrics.HoldingMissing();
                Log.HoldingMissing(logger, seen.Entitlement, seen.Revision, string.Join(", ", without));
                return Task.CompletedTask;
            });
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
                Narrowed = seen.Narrowed is { Count: > 0 } ? seen.Narrowed : null,
                Until = seen.Until,
                PreExisting = seen.PreExisting,
                Fenced = seen.Fenced,
                ObservedAt = readAt,
                Reread = seen.Reread,
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

    private static bool IsLater(ObservedState? last, long revision, DateTimeOffset readAt) =>
        last is null || revision > last.Revision || (revision == last.Revision && readAt >= last.At);

    // Often enough for the record to be worth something, and seldom enough not to fill it.
    private static bool IsOld(ObservedState? last, DateTimeOffset readAt) => last is null || readAt - last.At >= RecordedAgainAfter;

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
