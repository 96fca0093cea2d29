using System.Text.Json.Serialization;
using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using MassTransit;

namespace Governance.Lifecycle.Grants;

/// <summary>
/// A grant: the instance of the state machine and the aggregate of its stream, which is the only place where it is stored.
/// Folding the stream's events gives exactly the instance that the machine holds.
/// </summary>
public sealed class Grant : SagaStateMachineInstance
{
    public Guid Id { get; set; }

    /// <summary>Number of events in the stream. Deadlines are told apart by it.</summary>
    public long StreamVersion { get; set; }

    public string CurrentState { get; set; } = "";

    public string Source { get; set; } = "";
    public string RequestId { get; set; } = "";
    public string Principal { get; set; } = "";
    public string Entitlement { get; set; } = "";
    public TimeSpan RequestedDuration { get; set; }
    public DateTimeOffset? NotBefore { get; set; }
    public string Requester { get; set; } = "";
    public Assurance RequesterAssurance { get; set; }
    public bool Emergency { get; set; }
    public Assurance EmergencyAssurance { get; set; }
    public GrantTicket? Ticket { get; set; }

    /// <summary>When the ticket changed, as its system says; null while it is as the request had it.</summary>
    public DateTimeOffset? TicketChangedAt { get; set; }

    /// <summary>Place of that in what is known of the ticket; null where it was not told.</summary>
    public long? TicketNumber { get; set; }

    public bool TicketClosed { get; set; }

    /// <summary>On whose behalf the principal acts, nearest first; null for its own.</summary>
    public IReadOnlyList<string>? OnBehalfOf { get; set; }

    /// <summary>Who verifiably sent the request, a principal or <c>broker:USER</c>; empty if nobody did, null for requests of before that was kept.</summary>
    public string? Sender { get; set; }

    /// <summary>Who stood behind the sender when the request arrived; null for nobody.</summary>
    public IReadOnlyList<string>? SentBy { get; set; }

    /// <summary>Whether they are known to know of it; null for its own.</summary>
    public Assurance? DelegationAssurance { get; set; }

    /// <summary>Whom credentials are sealed to; null where the request gave nobody.</summary>
    public RecipientKey? RecipientKey { get; set; }

    /// <summary>The last credential that was ordered; 0 for none.</summary>
    public int CredentialNumber { get; set; }

    /// <summary>The last credential that was handed out; 0 for none.</summary>
    public int HandedOut { get; set; }

    /// <summary>Raised by every edit of the request, and by every renewal that is asked for.</summary>
    public int Revision { get; set; } = 1;

    /// <summary>The revision that the access was given for.</summary>
    public int GivenRevision { get; set; } = 1;

    public string Via { get; set; } = "";
    public DateTimeOffset RequestedAt { get; set; }

    /// <summary>When the request came in at the door; null for requests of before that was kept.</summary>
    public DateTimeOffset? ReceivedAt { get; set; }

    /// <summary>The human whose separation of duties the last evaluation judged.</summary>
    public string? Human { get; set; }

    public OpenEvaluation? Evaluation { get; set; }

    /// <summary>Policy will be asked when the turn comes; null when it was asked, or need not be.</summary>
    public QueuedEvaluation? Queued { get; set; }

    /// <summary>Whether an answer could not be recorded, since another grant of the same actor was decided meanwhile.</summary>
    public bool Overtaken { get; set; }

    /// <summary>
    /// Evaluations in a row that could not be recorded, since facts or bundle had moved on. Neither a late answer nor what other grants
    /// were given meanwhile is contention.
    /// </summary>
    public int StaleEvaluations { get; set; }

    /// <summary>Evaluations in a row that Policy failed to answer.</summary>
    public int FaultedEvaluations { get; set; }

    /// <summary>The last of them, so that a fault that is told twice counts once.</summary>
    public Guid? FaultedEvaluation { get; set; }

    public GrantDecision? Decision { get; set; }

    /// <summary>What was in force when it was last decided whether there should be access; null if that was never decided.</summary>
    public DecidedUnder? DecidedUnder { get; set; }

    /// <summary>What the suite has to see to while the access lasts.</summary>
    public Obligations? Obligations { get; set; }

    /// <summary>What was decided last about whether the access may stay.</summary>
    public GrantRetention? Retention { get; set; }

    public GrantReview? Review { get; set; }
    public GrantRenewal? Renewal { get; set; }
    public GrantSuspension? Suspension { get; set; }

    /// <summary>What was permitted to access that is there already, and has not taken effect yet.</summary>
    public GrantOffer? Offer { get; set; }
    public IReadOnlyList<Gate> Gates { get; set; } = [];
    public List<GrantApproval> Approvals { get; set; } = [];
    public bool LapseDeferred { get; set; }

    public TimeSpan? Duration { get; set; }
    public long HoldingRevision { get; set; }
    public DateTimeOffset? StartsAt { get; set; }
    public DateTimeOffset? ActivatedAt { get; set; }

    /// <summary>When the access is over however late it started; null when it rests on nothing that ends.</summary>
    public DateTimeOffset? NotAfter { get; set; }

    /// <summary>When it was renewed last; null if it never was.</summary>
    public DateTimeOffset? RenewedAt { get; set; }
    public DateTimeOffset? ExpiresAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }
    public string? EndReason { get; set; }

    /// <summary>When the target was told to take it away for good; null while it wasn't.</summary>
    public DateTimeOffset? RevocationStartedAt { get; set; }

    /// <summary>The operator's order that ended it; null while none has.</summary>
    public Guid? Revocation { get; set; }
    public GrantFailure? Failure { get; set; }

    /// <summary>What was left of the access when it was taken away; null while it wasn't, or nothing was.</summary>
    public GrantRemainder? Remains { get; set; }

    /// <summary>Since when the grant has waited for what its state waits for, the last re-drive included.</summary>
    public DateTimeOffset WaitingSince { get; set; }

    /// <summary>When the target was told what it was told last of this grant; null while it wasn't.</summary>
    public DateTimeOffset? OrderedAt { get; set; }

    /// <summary>Deadlines that count, by kind.</summary>
    public Dictionary<string, GrantDeadline> Deadlines { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Keys of commands that took effect, so that a repeat changes nothing.</summary>
    public List<string> CommandKeys { get; set; } = [];

    [JsonIgnore]
    public Guid CorrelationId
    {
        get => Id;
        set => Id = value;
    }

    /// <summary>True from the permit on until the target was read back without the access.</summary>
    [JsonIgnore]
    public bool IsHeld =>
        CurrentState
            is GrantState.AwaitingApproval
                or GrantState.Scheduled
                or GrantState.Activating
                or GrantState.Active
                or GrantState.Suspending
                or GrantState.Suspended
                or GrantState.Revoking
                or GrantState.RevokeFailed;

    /// <summary>True while the way out leads through the target: nothing has ended it yet.</summary>
    [JsonIgnore]
    public bool EndsAtTarget => CurrentState is GrantState.Activating or GrantState.Active or GrantState.Suspending or GrantState.Suspended;

    /// <summary>Emergency access is reviewed also when it is over; for other access the end will do.</summary>
    [JsonIgnore]
    public bool OwesReview => Review is { ReviewedAt: null } && (Emergency || EndsAtTarget);

    public void Apply(GrantRequested e)
    {
        Step();
        (Id, Source, RequestId) = (e.GrantId, e.Source, e.RequestId);
        (Principal, Entitlement, Requester, RequesterAssurance) = (e.Principal, e.Entitlement, e.Requester, e.RequesterAssurance);
        (RequestedDuration, NotBefore, Ticket, Via) = (e.Duration, e.NotBefore, e.Ticket, e.Via);
        (Emergency, EmergencyAssurance) = (e.Emergency, e.EmergencyAssurance);
        (OnBehalfOf, DelegationAssurance) = (e.OnBehalfOf, e.DelegationAssurance);
        (Sender, SentBy) = (SenderOf(e), e.SentBy);
        RecipientKey = e.RecipientKey;
        (RequestedAt, ReceivedAt) = (e.At, e.ReceivedAt);
        Enter(GrantState.Evaluating, e.At);
    }

    public void Apply(EvaluationStarted e)
    {
        Step();
        Evaluation = new OpenEvaluation(e.EvaluationId, e.Now, e.Bundle, e.FactsDigest, e.Purpose, e.Sweep)
        {
            Catalog = e.Catalog,
            OwnDigest = e.OwnDigest,
        };
        Queued = null;
        Human = e.Human;
        WaitingSince = e.Now;
        StaleEvaluations = e.Cause switch
        {
            EvaluationCause.StaleFacts or EvaluationCause.NewBundle => StaleEvaluations + 1,
            EvaluationCause.StaleAnswer or EvaluationCause.Overtaken => StaleEvaluations,
            _ => 0,
        };
        Overtaken = e.Cause switch
        {
            EvaluationCause.Overtaken => true,
            EvaluationCause.StaleFacts or EvaluationCause.NewBundle or EvaluationCause.StaleAnswer or EvaluationCause.Redrive => Overtaken,
            _ => false,
        };
    }

    public void Apply(EvaluationQueued e)
    {
        Step();
        (Evaluation, Queued, Human) = (null, new QueuedEvaluation(e.Cause, e.At), e.Human);
        Overtaken |= e.Cause == EvaluationCause.Overtaken;
        WaitingSince = e.At;
    }

    public void Apply(EvaluationImpossible e)
    {
        Step();
        (Evaluation, Queued, Overtaken) = (null, null, false);
        Failure = new GrantFailure(e.Code, e.Message, 0, e.At, null);
        WaitingSince = e.At;
    }

    public void Apply(EvaluationFaulted e)
    {
        Step();
        FaultedEvaluations++;
        FaultedEvaluation = e.EvaluationId;
        Failure = new GrantFailure("policy-fault", e.Message, FaultedEvaluations, e.At, null);
    }

    public void Apply(DecisionRecorded e)
    {
        Step();
        var asked = Evaluation;
        Evaluation = null;
        StaleEvaluations = 0;
        Overtaken = false;
        FaultedEvaluations = 0;
        FaultedEvaluation = null;
        Failure = null;
        WaitingSince = e.At;
        var d = e.Decision;
        if (d.Purpose == DecisionPurpose.Review)
        {
            return;
        }

        // Whether it lasts longer, or comes back, says nothing about what it stands on while the answer is no.
        if (ExpiresAt is not null && d.Purpose != DecisionPurpose.Retain && d.Outcome != Outcome.Permit)
        {
            NoteRefusal(d);
            return;
        }

        DecidedUnder = asked?.Catalog is { } catalog ? new DecidedUnder(asked.Bundle, catalog) : null;
        if (d.Purpose == DecisionPurpose.Retain)
        {
            Retention = new GrantRetention(e.Sweep, d.Outcome, [.. d.Policies.Select(p => p.Id)], [.. d.Reasons], d.Bundle, e.At)
            {
                Nearest = d.Nearest,
                Because = PolicyWords.Of(d),
            };
            return;
        }

        var decision = new GrantDecision(d.Outcome, [.. d.Policies.Select(p => p.Id)], [.. d.Reasons], d.Bundle, e.At)
        {
            Uncounted = d.Uncounted.Count == 0 ? null : [.. d.Uncounted],
            Gates = d.Gates.Count == 0 ? null : [.. d.Gates],
            Nearest = d.Nearest,
            Because = PolicyWords.Of(d),
        };
        if (ExpiresAt is not null)
        {
            Offer = new GrantOffer(decision, d.Duration, d.Obligations) { NotAfter = d.NotAfter };
            return;
        }

        Decision = decision;
        Duration = d.Outcome == Outcome.Forbid ? null : d.Duration;
        Obligations = d.Outcome == Outcome.Forbid ? null : d.Obligations;
        NotAfter = d.NotAfter;
    }

    public void Apply(RetentionFailed e)
    {
        Step();
        Evaluation = null;
        FaultedEvaluations = 0;
        FaultedEvaluation = null;
        Retention = new GrantRetention(e.Sweep, Outcome.Forbid, [], [e.Reason], null, e.At);
        WaitingSince = e.At;
    }

    public void Apply(TicketUpdated e)
    {
        Step();
        (Ticket, TicketClosed, TicketChangedAt, TicketNumber) = (e.Ticket, e.Closed, e.ChangedAt, e.Number ?? TicketNumber);
    }

    public void Apply(Tickets.TicketStateUnknown e)
    {
        ArgumentNullException.ThrowIfNull(e);
        Step();
    }

    public void Apply(RequestEdited e)
    {
        Step();
        (Revision, RequestedDuration, NotBefore) = (e.Revision, e.Duration, e.NotBefore);
        Gates = [];
        LapseDeferred = false;
        Remember(e.Key);
    }

    public void Apply(ReviewOwed e)
    {
        Step();
        Review = new GrantReview(e.Due, null, null, null);
    }

    public void Apply(ReviewSubmitted e)
    {
        Step();
        Review = (Review ?? new GrantReview(e.At, null, null, null)) with
        {
            Submitted = new SubmittedReview(e.Reviewer, e.Via, e.Comment) { Kept = e.Kept },
        };
        Remember(e.Key);
    }

    public void Apply(ReviewRefused e)
    {
        Step();
        Review = (Review ?? new GrantReview(e.At, null, null, null)) with { Submitted = null };
    }

    public void Apply(ReviewRecorded e)
    {
        Step();
        Review = (Review ?? new GrantReview(e.At, null, null, null)) with { ReviewedAt = e.At, Reviewer = e.Reviewer, Submitted = null };
        Remember(e.Key);
    }

    public void Apply(ReviewMissed e)
    {
        Step();
        Review = (Review ?? new GrantReview(e.Due, null, null, null)) with { MissedAt = e.At };
    }

    public void Apply(GrantDenied e)
    {
        Step();
        var isPolicys = e.Reasons.SequenceEqual(Decision?.Reasons ?? [], StringComparer.Ordinal);
        Decision = Decision is null
            ? new GrantDecision(Outcome.Forbid, [], [.. e.Reasons], null, e.At)
            : Decision with
            {
                Outcome = Outcome.Forbid,
                Reasons = [.. e.Reasons],
                // What is denied for another reason in the end lacked no permit.
                Nearest = isPolicys ? Decision.Nearest : null,
                Because = isPolicys ? Decision.Because : null,
            };
        Revocation = e.Revocation;
        Finish(GrantState.Denied, e.At);
    }

    public void Apply(ApprovalRequested e)
    {
        Step();
        Gates = [.. e.Gates];
        Enter(GrantState.AwaitingApproval, e.At);
    }

    public void Apply(ApprovalRecorded e)
    {
        Step();
        Approvals.Add(
            new GrantApproval(e.ApprovalId, e.Approver, e.Assurance, e.Via, e.At)
            {
                Duration = e.Duration,
                Revision = e.Revision,
                Ballot = e.Ballot,
            }
        );
        if (Renewal is { IsOpen: true })
        {
            Renewal = Renewal with { Status = RenewalStatus.Deciding };
        }

        Remember(e.Key);
    }

    public void Apply(GrantRejected e)
    {
        Step();
        Remember(e.Key);
        Finish(GrantState.Rejected, e.At);
    }

    public void Apply(GrantScheduled e)
    {
        Step();
        StartsAt = e.StartsAt;
        // The approval window is over and done with: a gate that fires newly at the start gets a window of its own.
        LapseDeferred = false;
        Enter(GrantState.Scheduled, e.At);
    }

    public void Apply(ActivationStarted e)
    {
        Step();
        (HoldingRevision, Duration, OrderedAt, Remains) = (e.HoldingRevision, e.Duration, e.At, null);
        CredentialNumber = e.CredentialNumber ?? CredentialNumber;
        if (e.Until is { } until)
        {
            ExpiresAt = until;
            Suspension = Suspension is { } suspension ? suspension with { ResumptionAsked = false } : null;
            TakeOffer();
        }
        else
        {
            GivenRevision = Revision;
        }

        Enter(GrantState.Activating, e.At);
    }

    public void Apply(ActivationAttemptFailed e)
    {
        Step();
        Failure = new GrantFailure(e.Code, e.Message, e.Attempt, e.At, e.NextAttemptAt);
    }

    public void Apply(GrantActivated e)
    {
        Step();
        (HoldingRevision, ActivatedAt, ExpiresAt, Failure) = (e.HoldingRevision, e.ActivatedAt, e.ExpiresAt, null);
        Enter(GrantState.Active, e.At);
    }

    public void Apply(RenewalRequested e)
    {
        Step();
        (Revision, Gates) = (e.Revision, []);
        Renewal = new GrantRenewal(e.Actor.Id, e.Duration, e.At, RenewalStatus.Deciding);
        Remember(e.Key);
    }

    public void Apply(RenewalApprovalRequested e)
    {
        Step();
        Gates = [.. e.Gates];
        Renewal = Renewal is { } renewal ? renewal with { Status = RenewalStatus.AwaitingApproval } : null;
    }

    public void Apply(GrantRenewed e)
    {
        Step();
        (HoldingRevision, ExpiresAt, RenewedAt) = (e.HoldingRevision, e.ExpiresAt, e.At);
        CredentialNumber = e.CredentialNumber ?? CredentialNumber;
        GivenRevision = Revision;
        TakeOffer();
        CloseRenewal(RenewalStatus.Renewed, e.At);
    }

    public void Apply(CredentialRotated e)
    {
        Step();
        (CredentialNumber, RecipientKey, HoldingRevision) = (e.Number, e.RecipientKey, e.HoldingRevision);
        Remember(e.Key);
    }

    public void Apply(CredentialHandedOut e)
    {
        Step();
        HandedOut = e.Number;
    }

    public void Apply(RenewalRefused e)
    {
        Step();
        CloseRenewal(RenewalStatus.Refused, e.At, e.Reasons);
    }

    public void Apply(RenewalRejected e)
    {
        Step();
        Remember(e.Key);
        CloseRenewal(RenewalStatus.Refused, e.At, ["rejected"]);
    }

    public void Apply(SuspensionStarted e)
    {
        Step();
        (HoldingRevision, Failure, OrderedAt) = (e.HoldingRevision, null, e.At);
        // A review goes on; whether what is taken away may stay, or lasts longer, needs no answer.
        Evaluation = Evaluation is { Purpose: DecisionPurpose.Review } ? Evaluation : null;
        Suspension = new GrantSuspension(e.Actor.Id, e.At);
        CloseRenewal(RenewalStatus.Lapsed, e.At);
        Remember(e.Key);
        Enter(GrantState.Suspending, e.At);
    }

    public void Apply(SuspensionAttemptFailed e)
    {
        Step();
        Failure = new GrantFailure(e.Code, e.Message, e.Attempt, e.At, e.NextAttemptAt);
    }

    public void Apply(GrantSuspended e)
    {
        Step();
        Failure = null;
        Suspension = Suspension is { } suspension ? suspension with { SuspendedAt = e.ObservedAt } : null;
        Remains = GrantRemainder.Of(e.StillHeldBy, e.EffectivePaths, e.Effective);
        Enter(GrantState.Suspended, e.At);
    }

    public void Apply(ResumptionRequested e)
    {
        Step();
        Suspension = Suspension is { } suspension
            ? suspension with
            {
                ResumptionAsked = true,
                Refused = null,
                Nearest = null,
                Because = null,
            }
            : null;
        Remember(e.Key);
    }

    public void Apply(ResumptionRefused e)
    {
        Step();
        (Evaluation, Offer) = (null, null);
        Suspension = Suspension is { } suspension ? suspension with { ResumptionAsked = false, Refused = [.. e.Reasons] } : null;
    }

    public void Apply(GrantResumed e)
    {
        Step();
        (HoldingRevision, ExpiresAt, Failure) = (e.HoldingRevision, e.ExpiresAt, null);
        Suspension = Suspension is { } suspension ? suspension with { ResumedAt = e.ResumedAt } : null;
        Enter(GrantState.Active, e.At);
    }

    public void Apply(RevocationStarted e)
    {
        Step();
        CloseRenewal(RenewalStatus.Lapsed, e.At);
        (HoldingRevision, EndReason, Failure, Evaluation) = (e.HoldingRevision, e.Reason, null, null);
        (Revocation, RevocationStartedAt, OrderedAt) = (e.Revocation, e.At, e.At);
        Remember(e.Key);
        Enter(GrantState.Revoking, e.At);
    }

    public void Apply(RevocationAttemptFailed e)
    {
        Step();
        Failure = new GrantFailure(e.Code, e.Message, e.Attempt, e.At, e.NextAttemptAt);
        Enter(GrantState.RevokeFailed, e.At);
    }

    public void Apply(GrantEnded e)
    {
        Step();
        (EndReason, EndedAt, Failure) = (e.Reason, e.ObservedAt, null);
        Remains = GrantRemainder.Of(e.StillHeldBy, e.EffectivePaths, e.Effective);
        Finish(GrantState.Ended, e.At);
    }

    public void Apply(GrantLapsed e)
    {
        Step();
        Finish(GrantState.Lapsed, e.At);
    }

    public void Apply(GrantWithdrawn e)
    {
        Step();
        Remember(e.Key);
        Finish(GrantState.Withdrawn, e.At);
    }

    public void Apply(DeadlineSet e)
    {
        Step();
        Deadlines[e.Kind] = new GrantDeadline(e.Due, e.Revision);
    }

    public void Apply(DeadlineCancelled e)
    {
        Step();
        Deadlines.Remove(e.Kind);
    }

    public void Apply(LapseDeferred e)
    {
        Step();
        LapseDeferred = true;
    }

    public void Apply(GrantRedriven e)
    {
        Step();
        WaitingSince = e.At;
    }

    /// <summary>Who verifiably sent a request; empty if nobody did.</summary>
    internal static string SenderOf(GrantRequested e) => e.Actor.Assurance == Assurance.Verified ? e.Actor.Id : "";

    private void Step() => StreamVersion++;

    private void Enter(string state, DateTimeOffset at)
    {
        CurrentState = state;
        WaitingSince = at;
    }

    private void Finish(string state, DateTimeOffset at)
    {
        Enter(state, at);
        (Evaluation, Queued) = (null, null);
        EndedAt ??= at;
    }

    /// <summary>Why access that is there does not last longer, or does not come back.</summary>
    private void NoteRefusal(Decision d)
    {
        if (d is { Purpose: DecisionPurpose.Renew, Outcome: Outcome.Forbid } && Renewal is { IsOpen: true } renewal)
        {
            Renewal = renewal with { Nearest = d.Nearest, Because = PolicyWords.Of(d) };
        }
        else if (d is { Purpose: DecisionPurpose.Issue, Outcome: Outcome.Forbid } && Suspension is { } suspension)
        {
            Suspension = suspension with { Nearest = d.Nearest, Because = PolicyWords.Of(d) };
        }
    }

    /// <summary>What was permitted is what the access stands on from now on.</summary>
    private void TakeOffer()
    {
        if (Offer is { } offer)
        {
            (Decision, Duration, Obligations, NotAfter) = (offer.Decision, offer.Duration, offer.Obligations, offer.NotAfter);
            Offer = null;
        }
    }

    private void CloseRenewal(string status, DateTimeOffset at, IReadOnlyList<string>? reasons = null)
    {
        if (Renewal is { IsOpen: true })
        {
            (Renewal, Gates, Offer) = (Renewal.As(status, at, reasons), [], null);
            Evaluation = Evaluation is { Purpose: DecisionPurpose.Renew } ? null : Evaluation;
        }
    }

    private void Remember(string? key)
    {
        if (key is not null)
        {
            CommandKeys.Add(key);
        }
    }
}

/// <summary>The question that Policy is asked.</summary>
public sealed record OpenEvaluation(
    Guid Id,
    DateTimeOffset Now,
    string Bundle,
    string FactsDigest,
    DecisionPurpose Purpose = DecisionPurpose.Issue,
    Guid? Sweep = null
)
{
    /// <summary>The catalog that the facts were read from.</summary>
    public string? Catalog { get; init; }

    /// <summary>Digest of the facts without what other grants hold; null where an earlier version asked.</summary>
    public string? OwnDigest { get; init; }
}

/// <summary>A question that waits for its turn.</summary>
public sealed record QueuedEvaluation(string Cause, DateTimeOffset At);

/// <summary>What was in force when something was decided.</summary>
public sealed record DecidedUnder(string Bundle, string Catalog);

/// <summary>What was decided last, in short; the whole is in the history.</summary>
public sealed record GrantDecision(
    Outcome Outcome,
    IReadOnlyList<string> Policies,
    IReadOnlyList<string> Reasons,
    string? Bundle,
    DateTimeOffset At
)
{
    /// <summary>Approvals that did not count, and why; null when all did.</summary>
    public IReadOnlyList<UncountedApproval>? Uncounted { get; init; }

    /// <summary>The gates that fired, with who opened them; null when none did.</summary>
    public IReadOnlyList<Gate>? Gates { get; init; }

    /// <summary>The permit that came nearest and what it lacked; null unless it was denied for want of one.</summary>
    public NearestPermit? Nearest { get; init; }

    /// <summary>What the policies say that denied it; null for nothing.</summary>
    public IReadOnlyList<PolicyWords>? Because { get; init; }
}

/// <summary>A permit that has not taken effect yet.</summary>
public sealed record GrantOffer(GrantDecision Decision, TimeSpan Duration, Obligations Obligations)
{
    /// <summary>When it would be over however late it starts.</summary>
    public DateTimeOffset? NotAfter { get; init; }
}

/// <summary>What was decided last about whether access may stay.</summary>
/// <param name="Sweep">The sweep that asked; null when something about this grant alone did.</param>
/// <param name="Outcome">A Forbid takes it away, at once or when its sweep is through.</param>
/// <param name="Policies">The determining policies.</param>
/// <param name="Reasons">Codes.</param>
/// <param name="Bundle">What it was decided with.</param>
/// <param name="At">When.</param>
public sealed record GrantRetention(
    Guid? Sweep,
    Outcome Outcome,
    IReadOnlyList<string> Policies,
    IReadOnlyList<string> Reasons,
    string? Bundle,
    DateTimeOffset At
)
{
    /// <summary>The permit that came nearest and what it lacked; null unless it was refused for want of one.</summary>
    public NearestPermit? Nearest { get; init; }

    /// <summary>What the policies say that refused it; null for nothing.</summary>
    public IReadOnlyList<PolicyWords>? Because { get; init; }
}

/// <summary>A review that somebody owes.</summary>
/// <param name="Due">By then.</param>
/// <param name="MissedAt">When it was found that nobody had; null while there is time, or there was.</param>
/// <param name="ReviewedAt">When somebody did; null while nobody has.</param>
/// <param name="Reviewer">Who.</param>
public sealed record GrantReview(DateTimeOffset Due, DateTimeOffset? MissedAt, DateTimeOffset? ReviewedAt, string? Reviewer)
{
    /// <summary>What somebody said and policy has not decided on; null if nobody has.</summary>
    public SubmittedReview? Submitted { get; init; }
}

/// <summary>What somebody says about the access, and whether it may stay.</summary>
public sealed record SubmittedReview(string Reviewer, string Via, string? Comment)
{
    public bool Kept { get; init; } = true;
}

/// <summary>A recorded approval.</summary>
public sealed record GrantApproval(Guid Id, string Approver, Assurance Assurance, string Via, DateTimeOffset At)
{
    /// <summary>The longest that the approver agreed to; null for what was asked for.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The revision of the request that was approved; null for the first.</summary>
    public int? Revision { get; init; }

    /// <summary>What it was for; null where that was not recorded.</summary>
    public BallotFacts? Ballot { get; init; }

    public ApprovalFacts ToFacts() =>
        new()
        {
            Id = Id,
            Approver = Approver,
            At = At,
            Assurance = Assurance,
            Via = Via,
            Duration = Duration,
            Revision = Revision,
            Ballot = Ballot,
        };
}

/// <summary>A deadline that counts.</summary>
public sealed record GrantDeadline(DateTimeOffset Due, long Revision);

/// <summary>What went wrong last.</summary>
public sealed record GrantFailure(string Code, string Message, int Attempt, DateTimeOffset At, DateTimeOffset? NextAttemptAt);
