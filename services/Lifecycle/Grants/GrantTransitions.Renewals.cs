using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Contracts.Policy;
using Governance.Lifecycle.Facts;
using MassTransit;

namespace Governance.Lifecycle.Grants;

// Access that is to last longer. Until that is decided, and if it is refused, nothing changes.
public sealed partial class GrantTransitions
{
    /// <summary>From when on a grant can be renewed; null when it has no end yet.</summary>
    public static DateTimeOffset? RenewableFrom(Grant grant, TimeSpan window)
    {
        if (grant is not { ExpiresAt: { } end, ActivatedAt: { } activated })
        {
            return null;
        }

        var half = (end - (grant.RenewedAt ?? activated)) / 2;
        return Moments.Truncate(end - (half < window ? half : window));
    }

    public async Task RequestRenewalAsync(BehaviorContext<Grant, RenewGrant> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (Repeats(grant, m))
        {
            return;
        }

        var duration = m.Duration ?? grant.Duration!.Value;
        var catalog = (await AssembleAsync(session, grant, DecisionPurpose.Retain, context.CancellationToken)).Catalog;
        if (WhyNoRenewal(session, grant, m, duration, catalog) is { } refusal)
        {
            session.Refuse(refusal);
            return;
        }

        session.Record(
            grant,
            new RenewalRequested
            {
                Revision = grant.Revision + 1,
                Duration = duration,
                Text = session.Keep(grant.Id, m.Justification) ?? "",
                Actor = m.Actor,
                Key = m.Key,
                At = session.Now,
            }
        );
        await AskWhatWaitsAsync(session, grant, EvaluationCause.Renewal, context.CancellationToken);
    }

    /// <summary>Somebody votes on a renewal.</summary>
    public async Task RecordRenewalApprovalAsync(BehaviorContext<Grant, ApproveGrant> context)
    {
        if (context.Saga.Renewal is { IsOpen: true })
        {
            await RecordApprovalAsync(context);
            return;
        }

        Refuse(context);
    }

    public async Task RecordRenewalRejectionAsync(BehaviorContext<Grant, RejectGrant> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (Repeats(grant, m))
        {
            return;
        }

        if (grant.Renewal is not { IsOpen: true })
        {
            Refuse(context);
            return;
        }

        var fresh = await AssembleAsync(session, grant, DecisionPurpose.Renew, context.CancellationToken);
        if ((Votes.ObjectionToRejection(fresh.Catalog, grant, m.Actor) ?? WhyOutdated(grant, m, required: false)) is { } refusal)
        {
            session.Refuse(refusal);
            return;
        }

        session.Record(
            grant,
            new RenewalRejected
            {
                Approver = m.Actor.Id,
                Assurance = m.Actor.Assurance,
                Via = m.Actor.Via,
                Comment = session.Keep(grant.Id, m.Comment),
                Key = m.Key,
                At = session.Now,
            }
        );
    }

    private async Task RecordRenewalAnswerAsync(BehaviorContext<Grant, AccessEvaluated> context, OpenEvaluation open)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        var fresh = await AssembleAsync(session, grant, DecisionPurpose.Renew, context.CancellationToken);
        if (Staleness(session, open, m.Decision, fresh) is { } cause && m.Decision.Outcome != Outcome.Forbid)
        {
            AskAboutRenewal(session, grant, cause, fresh);
            return;
        }

        session.Record(grant, new DecisionRecorded(m.EvaluationId, EvaluatedAt(session, open, m), m.Decision, session.Now));
        switch (m.Decision.Outcome)
        {
            case Outcome.Permit:
                await RenewAsync(session, grant, fresh, m.Decision, context.CancellationToken);
                break;
            case Outcome.ApprovalRequired:
                session.Record(
                    grant,
                    new RenewalApprovalRequested
                    {
                        Gates = m.Decision.Gates,
                        Until = grant.ExpiresAt!.Value,
                        At = session.Now,
                    }
                );
                break;
            default:
                session.Record(grant, new RenewalRefused(m.Decision.Reasons, session.Now));
                break;
        }
    }

    private static async Task RenewAsync(
        GrantSession session,
        Grant grant,
        AssembledFacts fresh,
        Decision decision,
        CancellationToken cancellationToken
    )
    {
        var ledger = await session.LedgerAsync(cancellationToken);
        var binding = ledger.Holdings[grant.Entitlement].Binding;
        var end = WithinBounds(Moments.Truncate(session.Now + decision.Duration), decision.NotAfter);
        if (WhyNotLonger(session, grant, end, binding == fresh.Binding) is { } reason)
        {
            session.Record(grant, new RenewalRefused([reason], session.Now));
            return;
        }

        var credential = NextCredential(grant, fresh);
        var leases = Leases(ledger, grant).Append(LeaseOf(grant, end, credential));
        var revision = Desire(session, ledger, grant, leases, binding, awaited: false);
        session.Record(
            grant,
            new GrantRenewed
            {
                HoldingRevision = revision,
                ExpiresAt = end,
                CredentialNumber = credential?.Number,
                At = session.Now,
            }
        );
        SetDeadline(session, grant, DeadlineKinds.Expiry, end);
        if (grant.Review is not { ReviewedAt: null })
        {
            OweReview(session, grant, session.Now);
        }
    }

    private void AskAboutRenewal(GrantSession session, Grant grant, string cause, AssembledFacts assembled)
    {
        if (assembled.Problem is { } problem)
        {
            session.Record(grant, new RenewalRefused([problem.Code], session.Now));
        }
        else if (IsContended(grant, cause))
        {
            Log.Contention(logger, grant.Id, grant.StaleEvaluations + 1);
            session.Record(grant, new RenewalRefused(["contention"], session.Now));
        }
        else
        {
            RecordQuestion(session, grant, cause, DecisionPurpose.Renew, null, assembled);
        }
    }

    /// <summary>A grant has one open question at a time. Whether access may stay comes first, then whether a review counts.</summary>
    private async Task AskWhatWaitsAsync(GrantSession session, Grant grant, string cause, CancellationToken cancellationToken)
    {
        if (grant.Evaluation is not null)
        {
            return;
        }

        if (grant.OwesReview && grant.Review?.Submitted is not null)
        {
            var assembled = await AssembleAsync(session, grant, DecisionPurpose.Review, cancellationToken);
            await AskAboutReviewerAsync(session, grant, cause, assembled, cancellationToken);
        }
        else if (grant is { CurrentState: GrantState.Active, Renewal.Status: RenewalStatus.Deciding })
        {
            AskAboutRenewal(session, grant, cause, await AssembleAsync(session, grant, DecisionPurpose.Renew, cancellationToken));
        }
        else if (grant is { CurrentState: GrantState.Suspended, Suspension.ResumptionAsked: true })
        {
            AskAboutResumption(session, grant, cause, await AssembleAsync(session, grant, DecisionPurpose.Issue, cancellationToken));
        }
    }

    private Refusal? WhyNoRenewal(GrantSession session, Grant grant, RenewGrant command, TimeSpan duration, LoadedCatalog? catalog) =>
        command.Actor.Assurance != Assurance.Verified ? Refusals.RenewerNotVerified
        : command.Actor.Id != grant.Requester && !(catalog is not null && Votes.IsBehind(catalog, grant.Principal, command.Actor.Id))
            ? Refusals.NotARenewer
        : grant.Emergency ? Refusals.EmergencyIsNotRenewed
        : grant.Renewal is { IsOpen: true } ? Refusals.BeingRenewed
        : RenewableFrom(grant, _options.RenewalWindow) is { } opens && session.Now < opens ? Refusals.TooEarlyToRenew(opens)
        : session.Now + duration <= grant.ExpiresAt ? Refusals.NothingGained(grant.ExpiresAt!.Value)
        : null;

    private static string? WhyNotLonger(GrantSession session, Grant grant, DateTimeOffset end, bool samePlace) =>
        grant.TicketClosed && grant.Offer!.Obligations.BoundToTicket ? EndReason.TicketClosed
        : !samePlace ? "binding-changed"
        : session.Now >= grant.ExpiresAt ? "already-over"
        : end <= grant.ExpiresAt ? "nothing-gained"
        : null;
}
