using Governance.Contracts.Issuance;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Principals;
using MassTransit;

namespace Governance.Lifecycle.Grants;

// What goes to the target and comes back from it.
public sealed partial class GrantTransitions
{
    public async Task ActivateAsync(BehaviorContext<Grant, HoldingSettled> context)
    {
        var (session, grant, seen) = (Session(context), context.Saga, context.Message.Observed);
        if (seen.Revision < grant.HoldingRevision || !seen.Direct)
        {
            return;
        }

        var readBackAt = ReadBackAt(seen);
        var activatedAt = told.Presence("issuance", Answered(session, grant), readBackAt, grant.Id);
        if (grant.ExpiresAt is { } end)
        {
            CancelDeadline(session, grant, DeadlineKinds.Activation);
            session.Record(
                grant,
                new GrantResumed
                {
                    HoldingRevision = grant.HoldingRevision,
                    ResumedAt = activatedAt,
                    ExpiresAt = end,
                    At = session.Now,
                }
            );
            return;
        }

        var expiresAt = WithinBounds(activatedAt + grant.Duration!.Value, grant.NotAfter);
        var ledger = await session.LedgerAsync(context.CancellationToken);
        var holding = ledger.Holdings[grant.Entitlement];
        // The first lease left room for a slow activation; now the end is known, and the target is told.
        var leases = Leases(ledger, grant).Append(LeaseOf(grant, expiresAt, CredentialOf(grant)));
        var revision = Desire(session, ledger, grant, leases, holding.Binding, awaited: false);
        CancelDeadline(session, grant, DeadlineKinds.Activation);
        session.Record(
            grant,
            new GrantActivated
            {
                HoldingRevision = revision,
                ActivatedAt = activatedAt,
                ToldAt = Uncounted(readBackAt, activatedAt),
                ExpiresAt = expiresAt,
                PreExisting = seen.PreExisting,
                At = session.Now,
            }
        );
        SetDeadline(session, grant, DeadlineKinds.Expiry, expiresAt);
        OweReview(session, grant, activatedAt);
    }

    public async Task EndAsync(BehaviorContext<Grant, HoldingSettled> context)
    {
        var (session, grant, settled) = (Session(context), context.Saga, context.Message);
        if (!ShowsAbsence(grant, settled))
        {
            return;
        }

        TellOfWhatRemains(session, grant, settled);
        var goneAt = GoneAt(session, grant, settled.Observed);
        session.Record(
            grant,
            new GrantEnded
            {
                Reason = grant.EndReason!,
                HoldingRevision = settled.Observed.Revision,
                ObservedAt = goneAt,
                ToldAt = Uncounted(ReadBackAt(settled.Observed), goneAt),
                StillHeldBy = settled.StillHeldBy,
                EffectivePaths = settled.Observed.Paths,
                Effective = settled.Observed.Effective,
                At = session.Now,
            }
        );
        var ledger = await session.LedgerAsync(context.CancellationToken);
        if (ledger.Claims.ContainsKey(grant.Id))
        {
            session.Record(ledger, new HoldingReleased(grant.Id, grant.Entitlement, session.Now));
        }
    }

    public void RecordActivationFailure(BehaviorContext<Grant, HoldingFaltered> context)
    {
        var (session, grant, f) = (Session(context), context.Saga, context.Message.Failed);
        if (f.Revision >= grant.HoldingRevision && IsNews(grant, f.Code, f.Attempt))
        {
            Log.ActivationFailing(logger, grant.Id, f.Attempt, f.Code);
            session.Record(grant, new ActivationAttemptFailed(f.Revision, f.Attempt, f.Code, f.Message, f.NextAttemptAt, session.Now));
        }
    }

    public void RecordRevocationFailure(BehaviorContext<Grant, HoldingFaltered> context)
    {
        var (session, grant, f) = (Session(context), context.Saga, context.Message.Failed);
        if (f.Revision >= grant.HoldingRevision && (grant.CurrentState == GrantState.Revoking || IsNews(grant, f.Code, f.Attempt)))
        {
            Log.RevokeFailing(logger, grant.Id, f.Attempt, f.Code);
            session.Record(grant, new RevocationAttemptFailed(f.Revision, f.Attempt, f.Code, f.Message, f.NextAttemptAt, session.Now));
        }
    }

    public async Task ReconcileAgainAsync(BehaviorContext<Grant, RedriveGrant> context)
    {
        var (session, grant) = (Session(context), context.Saga);
        if (grant.StreamVersion != context.Message.Version)
        {
            return;
        }

        if (grant.CurrentState == GrantState.Activating && Overdue(session, grant, DeadlineKinds.Activation))
        {
            await StartRevocationAsync(session, grant, EndReason.ActivationFailed, null, null, context.CancellationToken);
            return;
        }

        if (grant.CurrentState == GrantState.Suspending && Overdue(session, grant, DeadlineKinds.Expiry))
        {
            await StartRevocationAsync(session, grant, EndReason.Expired, null, null, context.CancellationToken);
            return;
        }

        var ledger = await session.LedgerAsync(context.CancellationToken);
        var holding = ledger.Holdings[grant.Entitlement];
        session.Record(
            ledger,
            new HoldingReasked
            {
                Principal = grant.Principal,
                Entitlement = grant.Entitlement,
                Revision = holding.Revision,
                Leases = holding.Leases,
                Binding = holding.Binding,
                At = session.Now,
            }
        );
        session.Record(grant, new GrantRedriven(grant.CurrentState, session.Now));
        Log.Redriven(logger, grant.Id, grant.CurrentState);
        if (!grant.EndsAtTarget)
        {
            await RedriveReviewAsync(session, grant, context.CancellationToken);
        }
    }

    public async Task ExpireWhenOverdueAsync(BehaviorContext<Grant, RedriveGrant> context)
    {
        var (session, grant) = (Session(context), context.Saga);
        if (grant.StreamVersion != context.Message.Version)
        {
            return;
        }

        Log.Redriven(logger, grant.Id, grant.CurrentState);
        if (grant.ExpiresAt < session.Now)
        {
            await StartRevocationAsync(session, grant, EndReason.Expired, null, null, context.CancellationToken);
        }
        else if (Overdue(session, grant, DeadlineKinds.Review))
        {
            await MissOrDeferAsync(session, grant, context.CancellationToken);
        }
        else if (grant.Evaluation is not null)
        {
            await AskAgainAsync(session, grant, context.CancellationToken);
        }
    }

    private async Task StartRevocationAsync(
        GrantSession session,
        Grant grant,
        string reason,
        string? comment,
        string? key,
        CancellationToken cancellationToken,
        Guid? order = null
    )
    {
        var ledger = await session.LedgerAsync(cancellationToken);
        var holding = ledger.Holdings[grant.Entitlement];
        // Emergency access is reviewed also when it is over.
        CancelDeadline(session, grant, [.. grant.Deadlines.Keys.Where(kind => kind != DeadlineKinds.Review || !grant.Emergency)]);
        LoseRight(session, ledger, grant);
        var revision = Desire(session, ledger, grant, Leases(ledger, grant), holding.Binding, awaited: true);
        session.Record(
            grant,
            new RevocationStarted
            {
                Reason = reason,
                HoldingRevision = revision,
                Actor = session.Actor,
                Comment = comment,
                Key = key,
                Revocation = order,
                Policies = reason == EndReason.NotRetained && grant.Retention is { Policies.Count: > 0 } r ? r.Policies : null,
                At = session.Now,
            }
        );
        await AskWhatWaitsAsync(session, grant, EvaluationCause.Review, cancellationToken);
    }

    /// <summary>The target shows what was asked for: the access is gone, or is there for other grants only.</summary>
    private static bool ShowsAbsence(Grant grant, HoldingSettled settled) =>
        settled.Observed.Revision >= grant.HoldingRevision && (!settled.Observed.Direct || settled.StillHeldBy.Count > 0);

    private void TellOfWhatRemains(GrantSession session, Grant grant, HoldingSettled settled)
    {
        var seen = settled.Observed;
        // By other grants it may be there; whoever ended this one is told which.
        if (seen.Paths.Count > 0 || (seen.Effective && settled.StillHeldBy.Count == 0))
        {
            session.AfterCommit(_ =>
            {
                GrantMetrics.StillEffective();
                Log.StillEffective(logger, grant.Id, grant.Entitlement, string.Join("; ", seen.Paths));
                return Task.CompletedTask;
            });
        }
    }

    private DateTimeOffset GoneAt(GrantSession session, Grant grant, HoldingObserved seen) =>
        told.Absence("issuance", Answered(session, grant), ReadBackAt(seen), grant.Id);

    /// <summary>From what is recorded as the order to the target until now. An older version kept since when the grant waits, at the earliest.</summary>
    private static AnswerWindow Answered(GrantSession session, Grant grant) => new(grant.OrderedAt ?? grant.WaitingSince, session.Now);

    private static DateTimeOffset ReadBackAt(HoldingObserved seen) =>
        Moments.Truncate(seen.FirstObservedAt is { } first && first < seen.ObservedAt ? first : seen.ObservedAt);

    private static DateTimeOffset? Uncounted(DateTimeOffset toldAt, DateTimeOffset counted) => toldAt == counted ? null : toldAt;

    /// <summary>The leases of everybody else in the same holding.</summary>
    private static IEnumerable<Lease> Leases(PrincipalLedger ledger, Grant grant) =>
        ledger.Holdings.TryGetValue(grant.Entitlement, out var holding) ? holding.Leases.Where(l => l.GrantId != grant.Id) : [];

    private static long Desire(
        GrantSession session,
        PrincipalLedger ledger,
        Grant grant,
        IEnumerable<Lease> leases,
        TargetBinding binding,
        bool awaited
    )
    {
        var revision = ledger.Revision + 1;
        session.Record(
            ledger,
            new HoldingDesired
            {
                Principal = grant.Principal,
                Entitlement = grant.Entitlement,
                Revision = revision,
                Leases = [.. leases.OrderBy(l => l.GrantId)],
                Binding = binding,
                AwaitedBy = awaited ? grant.Id : null,
                At = session.Now,
            }
        );
        return revision;
    }

    // The first failure, a changed cause, and then ever more rarely: a target that is down for a day must not fill the history.
    private static bool IsNews(Grant grant, string code, int attempt) =>
        grant.Failure is null || grant.Failure.Code != code || (attempt > grant.Failure.Attempt && (attempt & (attempt - 1)) == 0);
}
