using Governance.Contracts;
using Governance.Contracts.Decisions;
using Governance.Contracts.Expiry;
using Governance.Contracts.Intake;
using Governance.Contracts.Lifecycle;
using Governance.Contracts.Policy;
using Governance.EventStore.Sagas;
using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Facts;
using Governance.Lifecycle.Installation;
using Governance.Lifecycle.Tickets;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Grants;

/// <summary>How a grant moves: every verb of the state machine. Verbs record events; nothing else leaves them.</summary>
public sealed partial class GrantTransitions(
    FactsAssembler facts,
    Catalogs catalogs,
    ToldTimes told,
    IOptions<LifecycleOptions> options,
    ILogger<GrantTransitions> logger
)
{
    /// <summary>Evaluations in a row that may go stale before the request is denied with <c>contention</c>.</summary>
    public const int MaxStaleEvaluations = 5;

    /// <summary>Evaluations in a row that Policy may fail to answer before the request is denied with <c>policy-fault</c>.</summary>
    public const int MaxFaultedEvaluations = 5;

    private readonly LifecycleOptions _options = options.Value;

    public async Task TakeRequestAsync(BehaviorContext<Grant, AccessRequested> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        // What its names and its votes mean is what they meant when it came in.
        var catalog = await catalogs.FindAsync(session.Documents, m.Catalog, context.CancellationToken);
        var receivedAt = told.Presence("intake", new AnswerWindow(null, session.Now), m.ReceivedAt, m.GrantId);
        session.Record(
            grant,
            new GrantRequested
            {
                GrantId = m.GrantId,
                Source = m.Source,
                RequestId = m.RequestId,
                Principal = m.Principal,
                Entitlement = m.Entitlement,
                Duration = m.Duration,
                NotBefore = m.NotBefore,
                Requester = m.Requester,
                RequesterAssurance = m.RequesterAssurance,
                Emergency = m.Emergency,
                EmergencyAssurance = m.EmergencyAssurance,
                Ticket = m.Ticket is null ? null : GrantTicket.Of(m.Ticket),
                OnBehalfOf = m.OnBehalfOf,
                DelegationAssurance = m.DelegationAssurance,
                RecipientKey = m.RecipientKey,
                Text = session.Keep(m.GrantId, m.Justification) ?? "",
                Digest = m.Digest,
                Via = m.Via,
                Actor = m.Actor,
                SentBy = BehindSender(catalog, m.Actor),
                ReceivedAt = receivedAt,
                At = session.Now,
            }
        );

        if (m.Ticket is { State: { } state } ticket && TicketStates.MeaningOf(catalog, m.Source, state) is null)
        {
            session.Record(grant, new TicketStateUnknown(ticket.System, ticket.Key, state, m.Source, session.Now));
            session.AfterCommit(_ =>
            {
                Log.TicketStateUnknown(logger, ticket.System, ticket.Key, state, m.Source);
                return Task.CompletedTask;
            });
        }

        if (await ArrivesTooLateAsync(session, grant, receivedAt, context.CancellationToken))
        {
            return;
        }

        var inForce =
            m.Approvals.Count == 0 ? null : await session.Documents.LoadAsync<InForce>(InForce.StreamId, context.CancellationToken);
        foreach (var (vote, i) in m.Approvals.Select((v, i) => (v, i)))
        {
            // Only a verified rejection ends a request: a claimed one would let anybody with access to the queue stop anything.
            if (!vote.Approved && vote.Assurance == Assurance.Verified)
            {
                session.Record(
                    grant,
                    new GrantRejected
                    {
                        Approver = vote.Approver,
                        Assurance = vote.Assurance,
                        Via = m.Via,
                        At = session.Now,
                    }
                );
                return;
            }

            if (vote.Approved)
            {
                session.Record(
                    grant,
                    new ApprovalRecorded
                    {
                        ApprovalId = NameBasedUuid.Create(
                            m.GrantId,
                            "approval\n" + i.ToString(System.Globalization.CultureInfo.InvariantCulture)
                        ),
                        Approver = vote.Approver,
                        Assurance = vote.Assurance,
                        Via = m.Via,
                        Ballot = Cast(catalog, grant, m.NotBefore, m.Duration),
                        Bundle = inForce?.Bundle,
                        At = session.Now,
                    }
                );
            }
        }

        await TakeNewsOfTicketAsync(session, grant, receivedAt, context.CancellationToken);
        await StartEvaluationAsync(session, grant, EvaluationCause.Request, context.CancellationToken);
    }

    public async Task RecordAnswerAsync(BehaviorContext<Grant, AccessEvaluated> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (grant.Evaluation is not { } open || open.Id != m.EvaluationId)
        {
            return;
        }

        TellNext(context, session, grant);
        var decision = m.Decision;
        var fresh = await AssembleAsync(session, grant, open.Purpose, context.CancellationToken);
        if (Staleness(session, open, decision, fresh) is { } cause && decision.Outcome != Outcome.Forbid)
        {
            if (IsContended(grant, cause))
            {
                Log.Contention(logger, grant.Id, grant.StaleEvaluations + 1);
                await DenyAsync(session, grant, ["contention"], context.CancellationToken);
                return;
            }

            await StartEvaluationAsync(session, grant, cause, context.CancellationToken, fresh);
            return;
        }

        session.Record(grant, new DecisionRecorded(m.EvaluationId, EvaluatedAt(session, open, m), decision, session.Now));
        switch (decision.Outcome)
        {
            case Outcome.Permit:
                await PermitAsync(session, grant, fresh, context.CancellationToken);
                break;
            case Outcome.ApprovalRequired:
                await AskForApprovalAsync(session, grant, decision, context.CancellationToken);
                break;
            default:
                await DenyAsync(session, grant, decision.Reasons, context.CancellationToken);
                break;
        }
    }

    public void RecordEvaluationFault(BehaviorContext<Grant, Fault<EvaluateAccess>> context)
    {
        var (session, grant) = (Session(context), context.Saga);
        if (grant.Evaluation?.Id is { } open && open == context.Message.Message.EvaluationId && open != grant.FaultedEvaluation)
        {
            var message = context.Message.Exceptions.FirstOrDefault()?.Message ?? "Policy failed";
            Log.EvaluationFaulted(logger, grant.Id, message);
            session.Record(grant, new EvaluationFaulted(context.Message.Message.EvaluationId, message, session.Now));
        }
    }

    public async Task EvaluateAgainAsync(BehaviorContext<Grant, RedriveGrant> context)
    {
        var (session, grant) = (Session(context), context.Saga);
        if (grant.StreamVersion != context.Message.Version)
        {
            return;
        }

        if (grant.CurrentState == GrantState.AwaitingApproval && grant.Evaluation is null)
        {
            await LapseWhenOverdueAsync(session, grant, context.CancellationToken);
            return;
        }

        if (grant.CurrentState == GrantState.Scheduled && grant.Evaluation is null && grant.StartsAt > session.Now)
        {
            return;
        }

        if (grant.FaultedEvaluations >= MaxFaultedEvaluations)
        {
            await DenyAsync(session, grant, ["policy-fault"], context.CancellationToken);
            return;
        }

        if (grant.Queued is null)
        {
            Log.Redriven(logger, grant.Id, grant.CurrentState);
        }

        await StartEvaluationAsync(session, grant, grant.Queued?.Cause ?? EvaluationCause.Redrive, context.CancellationToken);
    }

    public void Refuse<T>(BehaviorContext<Grant, T> context)
        where T : GrantCommand
    {
        if (!Repeats(context.Saga, context.Message))
        {
            Session(context).Refuse(Refusals.NotInState(CommandVerb(context.Message), context.Saga.CurrentState));
        }
    }

    internal static GrantSession Session(BehaviorContext<Grant> context) => (GrantSession)context.GetPayload<ISagaSession<Grant>>();

    internal static bool Repeats(Grant grant, GrantCommand command) =>
        command.Key is { } key
        && (grant.CommandKeys.Contains(key, StringComparer.Ordinal) || grant.CommandKeys.Contains(BareKey(key), StringComparer.Ordinal));

    /// <summary>Whether the key came with another command before. What was remembered without a digest repeats whatever is asked.</summary>
    internal static bool ReusesKey(Grant grant, GrantCommand command) =>
        command.Key is { } key && !Repeats(grant, command) && grant.CommandKeys.Exists(known => BareKey(known) == BareKey(key));

    // No line end is in what a caller may send as a key: after it comes the digest of what was asked.
    private static string BareKey(string key) => key.Split('\n')[0];

    internal static RequestFacts RequestOf(Grant grant, DecisionPurpose purpose) =>
        new()
        {
            Grant = grant.Id,
            Requester = purpose == DecisionPurpose.Renew ? grant.Renewal!.Requester : grant.Requester,
            RequesterAssurance = purpose == DecisionPurpose.Renew ? Assurance.Verified : grant.RequesterAssurance,
            Via = grant.Via,
            Source = grant.Source,
            Duration = DurationOf(grant, purpose),
            NotBefore = purpose == DecisionPurpose.Renew ? null : grant.NotBefore,
            Emergency = grant.Emergency,
            EmergencyAssurance = grant.EmergencyAssurance,
            Ticket = grant.Ticket?.ToFacts(),
            DelegationAssurance = grant.OnBehalfOf is null ? null : grant.DelegationAssurance ?? Assurance.Claimed,
            Revision = RevisionOf(grant, purpose) is var revision && revision == 1 ? null : revision,
        };

    /// <summary>What comes back stands on the revision that it was given for, whatever was asked since and refused.</summary>
    private static int RevisionOf(Grant grant, DecisionPurpose purpose) =>
        purpose == DecisionPurpose.Issue && grant.ExpiresAt is not null ? grant.GivenRevision : grant.Revision;

    private static TimeSpan DurationOf(Grant grant, DecisionPurpose purpose) =>
        purpose switch
        {
            DecisionPurpose.Renew => grant.Renewal!.Duration,
            // What is there, or comes back, is judged as it was given.
            DecisionPurpose.Retain or DecisionPurpose.Review => grant.Duration ?? grant.RequestedDuration,
            _ when grant.ExpiresAt is not null => grant.Duration!.Value,
            _ => grant.RequestedDuration,
        };

    private static bool IsContended(Grant grant, string cause) =>
        cause is EvaluationCause.StaleFacts or EvaluationCause.NewBundle && grant.StaleEvaluations + 1 >= MaxStaleEvaluations;

    private static bool IsAboutWhatIsThere(DecisionPurpose purpose) => purpose is DecisionPurpose.Retain or DecisionPurpose.Review;

    private async Task<AssembledFacts> AssembleAsync(
        GrantSession session,
        Grant grant,
        DecisionPurpose purpose,
        CancellationToken cancellationToken
    )
    {
        // Nobody decides on whether access that is there may stay, so who sent the request does not matter then.
        var people = purpose != DecisionPurpose.Retain;
        return await facts.AssembleAsync(
            session.Documents,
            new FactsQuestion
            {
                Request = RequestOf(grant, purpose),
                Principal = grant.Principal,
                Entitlement = grant.Entitlement,
                OnBehalfOf = grant.OnBehalfOf,
                HasRecipientKey = grant.RecipientKey is not null,
                TicketClosed = grant.TicketClosed,
                Sender = people ? await SenderAsync(session, grant, cancellationToken) : "",
                KnownBehind = people ? [.. Votes.KnownBehind(grant)] : [],
                HeldBefore = IsAboutWhatIsThere(purpose) ? grant.RequestedAt : null,
                Reviewer = purpose == DecisionPurpose.Review ? grant.Review?.Submitted?.Reviewer : null,
                Approvals = IsAboutWhatIsThere(purpose) ? [] : [.. grant.Approvals.Select(a => a.ToFacts())],
            },
            cancellationToken
        );
    }

    /// <summary>Who verifiably sent the request; of one that came before that was kept with the grant, its history says so.</summary>
    private static async Task<string> SenderAsync(GrantSession session, Grant grant, CancellationToken cancellationToken)
    {
        if (grant.Sender is { } kept)
        {
            return kept;
        }

        var first = await session.Documents.Events.FetchStreamAsync(grant.Id, version: 1, token: cancellationToken);
        return first is [{ Data: GrantRequested requested }] ? Grant.SenderOf(requested) : "";
    }

    private static IReadOnlyList<string>? BehindSender(LoadedCatalog? catalog, ActorRef sender) =>
        catalog is not null && sender.Assurance == Assurance.Verified && catalog.BehindSender(sender.Id) is { Count: > 0 } behind
            ? behind
            : null;

    /// <summary>What somebody votes for. Where the catalog doesn't know what that is, it has no digest, and never counts.</summary>
    private static BallotFacts Cast(LoadedCatalog? catalog, Grant grant, DateTimeOffset? notBefore, TimeSpan duration) =>
        new(catalog is null ? "" : Votes.BallotIn(catalog, grant, notBefore, duration)?.Digest() ?? "", notBefore, duration);

    private async Task StartEvaluationAsync(
        GrantSession session,
        Grant grant,
        string cause,
        CancellationToken cancellationToken,
        AssembledFacts? assembled = null
    )
    {
        assembled ??= await AssembleAsync(session, grant, DecisionPurpose.Issue, cancellationToken);
        if (assembled.Problem is { } problem)
        {
            session.Record(grant, new EvaluationImpossible(problem.Code, problem.Message, session.Now));
            if (!problem.Wait)
            {
                await DenyAsync(session, grant, [problem.Code], cancellationToken);
            }

            return;
        }

        if (await IsTurnAsync(session, grant, cause, assembled, cancellationToken))
        {
            RecordQuestion(session, grant, cause, DecisionPurpose.Issue, null, assembled);
        }
        else if (grant.Queued is null)
        {
            session.Record(
                grant,
                new EvaluationQueued
                {
                    Cause = cause,
                    Human = assembled.Human,
                    At = session.Now,
                }
            );
        }
    }

    // What waits for people or for its start holds already: nobody of the same actor is overtaken by it.
    private static async Task<bool> IsTurnAsync(
        GrantSession session,
        Grant grant,
        string cause,
        AssembledFacts assembled,
        CancellationToken cancellationToken
    )
    {
        var overtaken = cause == EvaluationCause.Overtaken;
        return grant.CurrentState != GrantState.Evaluating
            || (grant.Evaluation is not null && !overtaken)
            || await session.IsTurnOfAsync(grant, assembled.Human, overtaken || grant.Overtaken, cancellationToken);
    }

    /// <summary>When the answer to one is committed, the next of the same actor is asked about. Should this get lost, the keeper of the line does it.</summary>
    private static void TellNext(BehaviorContext<Grant> context, GrantSession session, Grant grant)
    {
        if (grant.CurrentState == GrantState.Evaluating)
        {
            session.AfterCommit(async token =>
            {
                foreach (var turn in await session.NextInLineAsync(grant.Human ?? grant.Principal, token))
                {
                    await context.Publish(new RedriveGrant { GrantId = turn.Id, Version = turn.Version }, token);
                }
            });
        }
    }

    private static void RecordQuestion(
        GrantSession session,
        Grant grant,
        string cause,
        DecisionPurpose purpose,
        Guid? sweep,
        AssembledFacts assembled
    )
    {
        session.Record(
            grant,
            new EvaluationStarted
            {
                EvaluationId = NameBasedUuid.Create(
                    grant.Id,
                    "evaluation\n" + grant.StreamVersion.ToString(System.Globalization.CultureInfo.InvariantCulture)
                ),
                Cause = cause,
                Now = session.Now,
                Bundle = assembled.Bundle,
                Catalog = assembled.Catalog!.Digest,
                Facts = assembled.Text,
                FactsDigest = assembled.Digest,
                Human = assembled.Human,
                Purpose = purpose,
                Sweep = sweep,
                OwnDigest = assembled.OwnDigest,
            }
        );
    }

    private DateTimeOffset EvaluatedAt(GrantSession session, OpenEvaluation open, AccessEvaluated answer) =>
        told.Presence("policy", new AnswerWindow(open.Now, session.Now), answer.EvaluatedAt, answer.GrantId);

    /// <summary>Why an answer can't be recorded any more; null when it can.</summary>
    private string? Staleness(GrantSession session, OpenEvaluation open, Decision decision, AssembledFacts fresh)
    {
        if (fresh.Problem is not null || (fresh.Digest != open.FactsDigest && fresh.OwnDigest != open.OwnDigest))
        {
            return EvaluationCause.StaleFacts;
        }

        if (decision.Bundle != fresh.Bundle)
        {
            return EvaluationCause.NewBundle;
        }

        if (fresh.Digest != open.FactsDigest)
        {
            return EvaluationCause.Overtaken;
        }

        // An answer to other facts, or made for another moment, is no answer to the question that is open.
        return
            decision.Facts != open.FactsDigest
            || decision.Purpose != open.Purpose
            || decision.Now != open.Now
            || (session.Now - open.Now).Duration() > _options.EvaluationMaxAge
            ? EvaluationCause.StaleAnswer
            : null;
    }

    private async Task PermitAsync(GrantSession session, Grant grant, AssembledFacts fresh, CancellationToken cancellationToken)
    {
        if (grant.TicketClosed && grant.Obligations is { BoundToTicket: true })
        {
            await DenyAsync(session, grant, [EndReason.TicketClosed], cancellationToken);
            return;
        }

        if (session.Now >= grant.NotAfter)
        {
            await DenyAsync(session, grant, ["already-over"], cancellationToken);
            return;
        }

        var binding = fresh.Binding!;
        var ledger = await session.LedgerAsync(cancellationToken);
        if (
            ledger.Holdings.TryGetValue(grant.Entitlement, out var holding)
            && holding.Binding != binding
            && (holding.Leases.Count > 0 || holding.Awaiting.Count > 0)
        )
        {
            // Another account or right is still held or being taken away under the old mapping: one holding has one place at its target.
            await DenyAsync(session, grant, ["binding-changed"], cancellationToken);
            return;
        }

        if (!ledger.Claims.ContainsKey(grant.Id))
        {
            session.Record(ledger, new Principals.HoldingClaimed(grant.Principal, grant.Id, grant.Entitlement, session.Now));
        }

        foreach (var delegator in grant.OnBehalfOf ?? [])
        {
            await RelyOnAsync(session, grant, delegator, cancellationToken);
        }

        CancelDeadline(session, grant, DeadlineKinds.ApprovalWindow);
        if (StartOf(grant) is { } start && start > session.Now)
        {
            session.Record(grant, new GrantScheduled(start, session.Now));
            SetDeadline(session, grant, DeadlineKinds.Start, start);
            return;
        }

        CancelDeadline(session, grant, DeadlineKinds.Start);
        var giveUpAt = WithinBounds(session.Now + BudgetOf(fresh), grant.NotAfter);
        var longest = WithinBounds(giveUpAt + grant.Duration!.Value, grant.NotAfter);
        var credential = NextCredential(grant, fresh);
        var leases = Leases(ledger, grant).Append(LeaseOf(grant, longest, credential) with { Duration = grant.Duration });
        var revision = Desire(session, ledger, grant, leases, binding, awaited: true);
        session.Record(
            grant,
            new ActivationStarted
            {
                HoldingRevision = revision,
                Duration = grant.Duration!.Value,
                GiveUpAt = giveUpAt,
                Binding = binding,
                CredentialNumber = credential?.Number,
                At = session.Now,
            }
        );
        SetDeadline(session, grant, DeadlineKinds.Activation, giveUpAt);
        if (grant.Emergency)
        {
            session.AfterCommit(_ =>
            {
                Log.EmergencyAccess(logger, grant.Id, grant.Principal, longest);
                return Task.CompletedTask;
            });
        }
    }

    private TimeSpan BudgetOf(AssembledFacts fresh) => fresh.ActivationBudget ?? _options.ActivationBudget;

    /// <summary>What the access rests on ends when it ends, however long the way to the target was.</summary>
    private static DateTimeOffset WithinBounds(DateTimeOffset end, DateTimeOffset? notAfter) => end > notAfter ? notAfter.Value : end;

    /// <summary>As asked for, or when policy lets it start, whichever is later.</summary>
    private static DateTimeOffset? StartOf(Grant grant) =>
        grant.Obligations?.NotBefore is { } earliest && !(grant.NotBefore > earliest) ? earliest : grant.NotBefore;

    private async Task AskForApprovalAsync(GrantSession session, Grant grant, Decision decision, CancellationToken cancellationToken)
    {
        if (grant.LapseDeferred)
        {
            await LapseAsync(session, grant, cancellationToken);
            return;
        }

        var ledger = await session.LedgerAsync(cancellationToken);
        if (!ledger.Claims.ContainsKey(grant.Id))
        {
            session.Record(ledger, new Principals.HoldingClaimed(grant.Principal, grant.Id, grant.Entitlement, session.Now));
        }

        CancelDeadline(session, grant, DeadlineKinds.Start);
        var until = grant.Deadlines.TryGetValue(DeadlineKinds.ApprovalWindow, out var window)
            ? window.Due
            : session.Now + _options.ApprovalWindow;
        session.Record(
            grant,
            new ApprovalRequested
            {
                Gates = decision.Gates,
                Until = until,
                At = session.Now,
            }
        );
        if (window is null)
        {
            SetDeadline(session, grant, DeadlineKinds.ApprovalWindow, until);
        }
    }

    private static async Task DenyAsync(
        GrantSession session,
        Grant grant,
        IReadOnlyList<string> reasons,
        CancellationToken cancellationToken,
        Guid? order = null
    )
    {
        await LeaveAsync(session, grant, cancellationToken);
        session.Record(grant, new GrantDenied(reasons, session.Now) { Revocation = order });
    }

    /// <summary>Before a way out that never touched the target: deadlines and the claim go.</summary>
    private static async Task LeaveAsync(GrantSession session, Grant grant, CancellationToken cancellationToken)
    {
        CancelDeadline(session, grant, [.. grant.Deadlines.Keys]);
        var ledger = await session.LedgerAsync(cancellationToken);
        if (ledger.Claims.ContainsKey(grant.Id))
        {
            session.Record(ledger, new Principals.HoldingReleased(grant.Id, grant.Entitlement, session.Now));
        }
    }

    private static string CommandVerb(GrantCommand command) =>
        command switch
        {
            ApproveGrant => "approved",
            EditGrant => "edited",
            ReviewGrant => "reviewed",
            RenewGrant => "renewed",
            SuspendGrant => "suspended",
            ResumeGrant => "resumed",
            RotateCredential => "given another credential",
            HandOutCredential => "used to fetch a credential",
            RejectGrant => "rejected",
            WithdrawGrant => "withdrawn",
            _ => "revoked",
        };
}
