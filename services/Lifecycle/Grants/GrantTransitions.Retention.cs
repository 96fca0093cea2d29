using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Contracts.Policy;
using Governance.Lifecycle.Facts;
using Governance.Lifecycle.Principals;
using Governance.Lifecycle.Retention;
using MassTransit;

namespace Governance.Lifecycle.Grants;

// Whether access that is there may stay. Nothing here ever gives anything.
public sealed partial class GrantTransitions
{
    private const string PolicyFault = "policy-fault";

    public async Task ReconsiderAsync(BehaviorContext<Grant, ReconsiderGrant> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        // A repeat asks nothing anew, and what was asked about this grant alone takes effect at once: the sweep comes back.
        if (
            m.Sweep is { } sweep
            && (
                grant.Retention?.Sweep == sweep
                || grant.Evaluation?.Sweep == sweep
                || grant.Evaluation is { Purpose: DecisionPurpose.Retain, Sweep: null }
            )
        )
        {
            return;
        }

        await AskWhetherToRetainAsync(session, grant, m.Cause, m.Sweep, context.CancellationToken);
    }

    public async Task RecordAnswerWhileHeldAsync(BehaviorContext<Grant, AccessEvaluated> context)
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
                return;
            case DecisionPurpose.Renew:
                await RecordRenewalAnswerAsync(context, open);
                return;
        }

        var fresh = await AssembleAsync(session, grant, DecisionPurpose.Retain, context.CancellationToken);
        // A Forbid takes access away, so it must be as fresh as a permit.
        if (Staleness(session, open, m.Decision, fresh) is { } cause)
        {
            await AskWhetherToRetainAsync(session, grant, cause, open.Sweep, context.CancellationToken, fresh);
            return;
        }

        session.Record(
            grant,
            new DecisionRecorded(m.EvaluationId, EvaluatedAt(session, open, m), m.Decision, session.Now) { Sweep = open.Sweep }
        );
        await GoWhenForbiddenAsync(session, grant, context.CancellationToken);
        // This question may have taken the place of another.
        await AskWhatWaitsAsync(session, grant, EvaluationCause.Review, context.CancellationToken);
    }

    public async Task EndForbiddenAsync(BehaviorContext<Grant, EndForbiddenGrant> context)
    {
        var (session, grant) = (Session(context), context.Saga);
        if (grant.Retention is not { Outcome: Outcome.Forbid, Sweep: { } sweep } || sweep != context.Message.Sweep)
        {
            return;
        }

        var fresh = await AssembleAsync(session, grant, DecisionPurpose.Retain, context.CancellationToken);
        if (fresh.Problem is null && MayComeOutOtherwise(grant, fresh))
        {
            // Something else is in force by now, perhaps because this was wrong.
            await AskWhetherToRetainAsync(session, grant, EvaluationCause.Sweep, sweep, context.CancellationToken, fresh);
            return;
        }

        await StartRevocationAsync(session, grant, EndReason.NotRetained, null, null, context.CancellationToken);
    }

    // What Policy failed on time and again stays forbidden; what the catalog did not know is there again.
    private static bool MayComeOutOtherwise(Grant grant, AssembledFacts fresh) =>
        !grant.Retention!.Reasons.Contains(PolicyFault, StringComparer.Ordinal)
        && (grant.Retention.Bundle is null || grant.DecidedUnder != new DecidedUnder(fresh.Bundle, fresh.Catalog!.Digest));

    /// <summary>The sweep that has forbidden this access already and is not through: what is asked anew does not go past its guard.</summary>
    private static async Task<Guid?> GuardedByAsync(GrantSession session, Grant grant, CancellationToken cancellationToken) =>
        grant.Retention is { Outcome: Outcome.Forbid, Sweep: { } id }
        && await session.Documents.LoadAsync<Sweep>(id, cancellationToken)
            is { State: SweepState.Judging or SweepState.Held or SweepState.Ending }
            ? id
            : null;

    /// <summary>The answer to what is open about access that is there, or suspended, is overdue.</summary>
    private async Task AskAgainAsync(GrantSession session, Grant grant, CancellationToken cancellationToken)
    {
        var faulted = grant.FaultedEvaluations >= MaxFaultedEvaluations;
        switch (grant.Evaluation!.Purpose)
        {
            case DecisionPurpose.Review when grant.Review?.Submitted is null:
                return;
            case DecisionPurpose.Review when faulted || grant.Review.Due <= session.Now:
                // What is not known to be reviewed does not stay for want of an answer.
                await RefuseReviewAsync(session, grant, [PolicyFault], cancellationToken);
                return;
            case DecisionPurpose.Review:
                await AskAboutReviewerAsync(
                    session,
                    grant,
                    EvaluationCause.Redrive,
                    await AssembleAsync(session, grant, DecisionPurpose.Review, cancellationToken),
                    cancellationToken
                );
                return;
            case DecisionPurpose.Renew when faulted:
                session.Record(grant, new RenewalRefused([PolicyFault], session.Now));
                return;
            case DecisionPurpose.Renew:
                AskAboutRenewal(
                    session,
                    grant,
                    EvaluationCause.Redrive,
                    await AssembleAsync(session, grant, DecisionPurpose.Renew, cancellationToken)
                );
                return;
            case DecisionPurpose.Issue when faulted:
                session.Record(grant, new ResumptionRefused([PolicyFault], session.Now));
                return;
            case DecisionPurpose.Issue:
                AskAboutResumption(
                    session,
                    grant,
                    EvaluationCause.Redrive,
                    await AssembleAsync(session, grant, DecisionPurpose.Issue, cancellationToken)
                );
                return;
        }

        var sweep = grant.Evaluation.Sweep;
        if (faulted)
        {
            session.Record(grant, new RetentionFailed(sweep, PolicyFault, session.Now));
            await GoWhenForbiddenAsync(session, grant, cancellationToken);
            return;
        }

        await AskWhetherToRetainAsync(session, grant, EvaluationCause.Redrive, sweep, cancellationToken);
    }

    private async Task AskWhetherToRetainAsync(
        GrantSession session,
        Grant grant,
        string cause,
        Guid? sweep,
        CancellationToken cancellationToken,
        AssembledFacts? assembled = null
    )
    {
        assembled ??= await AssembleAsync(session, grant, DecisionPurpose.Retain, cancellationToken);
        if (assembled.Problem is null)
        {
            RecordQuestion(session, grant, cause, DecisionPurpose.Retain, sweep, assembled);
            return;
        }

        // What the catalog no longer knows may not stay either.
        if (!assembled.Problem.Wait)
        {
            session.Record(grant, new RetentionFailed(sweep, assembled.Problem.Code, session.Now));
            await GoWhenForbiddenAsync(session, grant, cancellationToken);
        }
    }

    /// <summary>Unless a sweep asked: it takes away only when it is through, since many might go at once.</summary>
    private async Task GoWhenForbiddenAsync(GrantSession session, Grant grant, CancellationToken cancellationToken)
    {
        if (grant.Retention is { Outcome: Outcome.Forbid, Sweep: null })
        {
            await StartRevocationAsync(session, grant, EndReason.NotRetained, null, null, cancellationToken);
        }
    }

    /// <summary>Notes with the delegator that this grant stands on the delegator's right.</summary>
    private static async Task RelyOnAsync(GrantSession session, Grant grant, string delegator, CancellationToken cancellationToken)
    {
        var ledger = await session.LedgerOfAsync(delegator, cancellationToken);
        if (ledger.Relying?.ContainsKey(grant.Id) != true)
        {
            var over = await session.OverAsync([.. ledger.Relying?.Keys ?? Enumerable.Empty<Guid>()], cancellationToken);
            session.Record(ledger, new RightRelied(delegator, grant.Id, grant.Entitlement, over, session.Now));
        }
    }

    /// <summary>Those who rely on this right are decided again.</summary>
    private static void LoseRight(GrantSession session, PrincipalLedger ledger, Grant grant)
    {
        var relying = (ledger.Relying ?? []).Where(r => r.Value == grant.Entitlement).Select(r => r.Key).Order().ToList();
        if (relying.Count > 0)
        {
            session.Record(ledger, new RightLost(grant.Entitlement, relying, session.Now));
        }
    }
}
