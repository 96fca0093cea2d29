using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Contracts.Policy;
using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Facts;
using Governance.Voting;
using MassTransit;

namespace Governance.Lifecycle.Grants;

// Access that is taken away for a while. Its time runs on, and giving it back is a fresh decision.
public sealed partial class GrantTransitions
{
    public async Task SuspendAsync(BehaviorContext<Grant, SuspendGrant> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (Repeats(grant, m))
        {
            // What that key took away was given back since: nobody may think that it is away.
            session.Refuse(Refusals.KeyReused);
            return;
        }

        if (!TakesAway(grant, m.Actor))
        {
            session.Refuse(Refusals.NotTheirOwn);
            return;
        }

        var ledger = await session.LedgerAsync(context.CancellationToken);
        var holding = ledger.Holdings[grant.Entitlement];
        LoseRight(session, ledger, grant);
        var revision = Desire(session, ledger, grant, Leases(ledger, grant), holding.Binding, awaited: true);
        session.Record(
            grant,
            new SuspensionStarted
            {
                HoldingRevision = revision,
                Actor = m.Actor,
                Comment = session.Keep(grant.Id, m.Comment),
                Key = m.Key,
                At = session.Now,
            }
        );
    }

    public async Task SettleSuspensionAsync(BehaviorContext<Grant, HoldingSettled> context)
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
            new GrantSuspended
            {
                HoldingRevision = settled.Observed.Revision,
                ObservedAt = goneAt,
                ToldAt = Uncounted(ReadBackAt(settled.Observed), goneAt),
                StillHeldBy = settled.StillHeldBy,
                EffectivePaths = settled.Observed.Paths,
                Effective = settled.Observed.Effective,
                At = session.Now,
            }
        );
        await AskWhatWaitsAsync(session, grant, EvaluationCause.Review, context.CancellationToken);
    }

    public void RecordSuspensionFailure(BehaviorContext<Grant, HoldingFaltered> context)
    {
        var (session, grant, f) = (Session(context), context.Saga, context.Message.Failed);
        if (f.Revision >= grant.HoldingRevision && IsNews(grant, f.Code, f.Attempt))
        {
            Log.RevokeFailing(logger, grant.Id, f.Attempt, f.Code);
            session.Record(grant, new SuspensionAttemptFailed(f.Revision, f.Attempt, f.Code, f.Message, f.NextAttemptAt, session.Now));
        }
    }

    public async Task RequestResumptionAsync(BehaviorContext<Grant, ResumeGrant> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (Repeats(grant, m))
        {
            return;
        }

        var catalog = (await AssembleAsync(session, grant, DecisionPurpose.Issue, context.CancellationToken)).Catalog;
        if (WhyNoResumption(catalog, grant, m) is { } refusal)
        {
            session.Refuse(refusal);
            return;
        }

        session.Record(
            grant,
            new ResumptionRequested
            {
                Actor = m.Actor,
                Comment = session.Keep(grant.Id, m.Comment),
                Key = m.Key,
                At = session.Now,
            }
        );
        await AskWhatWaitsAsync(session, grant, EvaluationCause.Resumption, context.CancellationToken);
    }

    public async Task RecordAnswerWhileSuspendedAsync(BehaviorContext<Grant, AccessEvaluated> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (grant.Evaluation is not { } open || open.Id != m.EvaluationId)
        {
            return;
        }

        switch (open.Purpose)
        {
            case DecisionPurpose.Review:
                await RecordReviewAnswerAsync(context);
                break;
            case DecisionPurpose.Issue:
                await RecordResumptionAnswerAsync(session, grant, m, open, context.CancellationToken);
                break;
        }
    }

    private async Task RecordResumptionAnswerAsync(
        GrantSession session,
        Grant grant,
        AccessEvaluated m,
        OpenEvaluation open,
        CancellationToken cancellationToken
    )
    {
        var fresh = await AssembleAsync(session, grant, DecisionPurpose.Issue, cancellationToken);
        if (Staleness(session, open, m.Decision, fresh) is { } cause && m.Decision.Outcome != Outcome.Forbid)
        {
            AskAboutResumption(session, grant, cause, fresh);
            return;
        }

        session.Record(grant, new DecisionRecorded(m.EvaluationId, EvaluatedAt(session, open, m), m.Decision, session.Now));
        switch (m.Decision.Outcome)
        {
            case Outcome.Permit:
                await ResumeAsync(session, grant, fresh, m.Decision, cancellationToken);
                break;
            case Outcome.ApprovalRequired:
                // Approvals that were given count; for others there is the way of a new request, which people see as what it is.
                session.Record(grant, new ResumptionRefused(["approval-required"], session.Now));
                break;
            default:
                session.Record(grant, new ResumptionRefused(m.Decision.Reasons, session.Now));
                break;
        }
    }

    private async Task ResumeAsync(
        GrantSession session,
        Grant grant,
        AssembledFacts fresh,
        Decision decision,
        CancellationToken cancellationToken
    )
    {
        var ledger = await session.LedgerAsync(cancellationToken);
        var binding = ledger.Holdings[grant.Entitlement].Binding;
        var longest = WithinBounds(Moments.Truncate(session.Now + decision.Duration), decision.NotAfter);
        var end = longest < grant.ExpiresAt ? longest : grant.ExpiresAt!.Value;
        if (WhyNotBack(session, grant, end, binding == fresh.Binding) is { } reason)
        {
            session.Record(grant, new ResumptionRefused([reason], session.Now));
            return;
        }

        foreach (var delegator in grant.OnBehalfOf ?? [])
        {
            await RelyOnAsync(session, grant, delegator, cancellationToken);
        }

        var budget = session.Now + BudgetOf(fresh);
        var giveUpAt = budget < end ? budget : end;
        var shorter = end < grant.ExpiresAt;
        // The account went with the suspension, and its credential with it.
        var credential = NextCredential(grant, fresh);
        var leases = Leases(ledger, grant).Append(LeaseOf(grant, end, credential));
        var revision = Desire(session, ledger, grant, leases, binding, awaited: true);
        session.Record(
            grant,
            new ActivationStarted
            {
                HoldingRevision = revision,
                Duration = decision.Duration,
                GiveUpAt = giveUpAt,
                Binding = binding,
                Until = end,
                CredentialNumber = credential?.Number,
                At = session.Now,
            }
        );
        SetDeadline(session, grant, DeadlineKinds.Activation, giveUpAt);
        if (shorter)
        {
            SetDeadline(session, grant, DeadlineKinds.Expiry, end);
        }
    }

    private void AskAboutResumption(GrantSession session, Grant grant, string cause, AssembledFacts assembled)
    {
        if (assembled.Problem is { } problem)
        {
            session.Record(grant, new ResumptionRefused([problem.Code], session.Now));
        }
        else if (IsContended(grant, cause))
        {
            Log.Contention(logger, grant.Id, grant.StaleEvaluations + 1);
            session.Record(grant, new ResumptionRefused(["contention"], session.Now));
        }
        else
        {
            RecordQuestion(session, grant, cause, DecisionPurpose.Issue, null, assembled);
        }
    }

    private static string? WhyNotBack(GrantSession session, Grant grant, DateTimeOffset end, bool samePlace) =>
        grant.TicketClosed && grant.Offer!.Obligations.BoundToTicket ? EndReason.TicketClosed
        : !samePlace ? "binding-changed"
        : session.Now >= end ? "already-over"
        : null;

    // Whoever took it may give it back; nobody else does for themselves.
    private static Refusal? WhyNoResumption(LoadedCatalog? catalog, Grant grant, ResumeGrant command) =>
        Votes.Objection(catalog, grant, command.Actor) switch
        {
            Objections.ClaimedOnly => Refusals.ResumerNotVerified,
            Objections.Unknown or Objections.NotHuman or Objections.Inactive => Refusals.ResumerNotHuman,
            not null when command.Actor.Id != grant.Suspension!.By => Refusals.ResumerIsInvolved,
            _ => grant.Suspension!.ResumptionAsked ? Refusals.BeingResumed : null,
        };
}
