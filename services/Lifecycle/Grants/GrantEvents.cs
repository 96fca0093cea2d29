using Governance.Contracts;
using Governance.Contracts.Decisions;
using Governance.Contracts.Intake;
using Governance.Contracts.Lifecycle;

namespace Governance.Lifecycle.Grants;

// Every event of a grant's stream, in the order of its life. Their wire names are in EventNames; golden files hold their form.

/// <summary>The request arrived. The justification is kept beside the stream; <c>Text</c> is its salted digest.</summary>
public sealed record GrantRequested
{
    public required Guid GrantId { get; init; }
    public required string Source { get; init; }
    public required string RequestId { get; init; }
    public required string Principal { get; init; }
    public required string Entitlement { get; init; }
    public required TimeSpan Duration { get; init; }
    public DateTimeOffset? NotBefore { get; init; }
    public required string Requester { get; init; }
    public required Assurance RequesterAssurance { get; init; }
    public required bool Emergency { get; init; }
    public required Assurance EmergencyAssurance { get; init; }
    public GrantTicket? Ticket { get; init; }
    public IReadOnlyList<string>? OnBehalfOf { get; init; }
    public Assurance? DelegationAssurance { get; init; }
    public RecipientKey? RecipientKey { get; init; }
    public required string Text { get; init; }
    public required string Digest { get; init; }
    public required string Via { get; init; }
    public required ActorRef Actor { get; init; }

    /// <summary>Who stood behind the sender when it arrived: the principal that it is, and who answers for the integration. Null for nobody.</summary>
    public IReadOnlyList<string>? SentBy { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>The ticket that a request refers to.</summary>
public sealed record GrantTicket
{
    public required string System { get; init; }

    [global::System.Text.Json.Serialization.JsonPropertyName("key")]
    public required string Key { get; init; }
    public string? State { get; init; }
    public string? Url { get; init; }
    public required Assurance Assurance { get; init; }
    public string? Assignee { get; init; }
    public string? ConfigurationItem { get; init; }
    public ChangeWindow? ChangeWindow { get; init; }

    public static GrantTicket Of(RequestedTicket ticket) =>
        new()
        {
            System = ticket.System,
            Key = ticket.Key,
            State = ticket.State,
            Url = ticket.Url,
            Assurance = ticket.Assurance,
            Assignee = ticket.Assignee,
            ConfigurationItem = ticket.ConfigurationItem,
            ChangeWindow = ticket.ChangeWindow,
        };

    public RequestedTicket ToRequested() =>
        new()
        {
            System = System,
            Key = Key,
            State = State,
            Url = Url,
            Assurance = Assurance,
            Assignee = Assignee,
            ConfigurationItem = ConfigurationItem,
            ChangeWindow = ChangeWindow,
        };

    public TicketFacts ToFacts() =>
        new()
        {
            System = System,
            Key = Key,
            State = State,
            Assurance = Assurance,
            Assignee = Assignee,
            ConfigurationItem = ConfigurationItem,
            ChangeWindow = ChangeWindow,
        };
}

/// <summary>The ticket has changed since, as its system says.</summary>
public sealed record TicketUpdated
{
    public required GrantTicket Ticket { get; init; }
    public required bool Closed { get; init; }
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Place in what is known of the ticket; null where that was not told, or is not the latest.</summary>
    public long? Number { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>The requester changed what is asked for: a new revision, for which earlier approvals don't count.</summary>
public sealed record RequestEdited
{
    public required int Revision { get; init; }
    public required TimeSpan Duration { get; init; }
    public DateTimeOffset? NotBefore { get; init; }
    public string? Text { get; init; }
    public required ActorRef Actor { get; init; }
    public string? Key { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>Policy was asked, with these facts. Only an answer to the last evaluation counts.</summary>
public sealed record EvaluationStarted
{
    public required Guid EvaluationId { get; init; }
    public required string Cause { get; init; }
    public required DateTimeOffset Now { get; init; }
    public required string Bundle { get; init; }
    public required string Catalog { get; init; }
    public required string Facts { get; init; }
    public required string FactsDigest { get; init; }
    public string? Human { get; init; }
    public DecisionPurpose Purpose { get; init; }

    /// <summary>The sweep that asks; null when something about this grant alone does.</summary>
    public Guid? Sweep { get; init; }

    /// <summary>Digest of the facts without what other grants hold; null where an earlier version asked.</summary>
    public string? OwnDigest { get; init; }
}

/// <summary>Policy is asked when the turn comes: other requests of the same actor are before it.</summary>
public sealed record EvaluationQueued
{
    public required string Cause { get; init; }
    public string? Human { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>Why an evaluation was started.</summary>
public static class EvaluationCause
{
    public const string Request = "request";
    public const string Approval = "approval";
    public const string Start = "start";
    public const string Redrive = "redrive";
    public const string StaleFacts = "stale-facts";
    public const string StaleAnswer = "stale-answer";
    public const string NewBundle = "new-bundle";

    /// <summary>Another grant was given or ended meanwhile, and nothing else has changed.</summary>
    public const string Overtaken = "overtaken";
    public const string Edit = "edit";
    public const string Ticket = "ticket";
    public const string Delegation = "delegation";
    public const string Sweep = "sweep";
    public const string Review = "review";
    public const string Renewal = "renewal";
    public const string Resumption = "resumption";
}

/// <summary>Policy could not be asked, since no bundle or catalog is in force or the catalog lacks what the request names.</summary>
public sealed record EvaluationImpossible(string Code, string Message, DateTimeOffset At);

/// <summary>Policy failed to answer an evaluation.</summary>
public sealed record EvaluationFaulted(Guid EvaluationId, string Message, DateTimeOffset At);

/// <summary>Policy's answer to the open evaluation.</summary>
public sealed record DecisionRecorded(Guid EvaluationId, DateTimeOffset EvaluatedAt, Decision Decision, DateTimeOffset At)
{
    /// <summary>The sweep that asked; null when something about this grant alone did.</summary>
    public Guid? Sweep { get; init; }
}

/// <summary>Access is not to be given.</summary>
public sealed record GrantDenied(IReadOnlyList<string> Reasons, DateTimeOffset At)
{
    /// <summary>The operator's order that ended it; null where none did.</summary>
    public Guid? Revocation { get; init; }
}

/// <summary>People are asked.</summary>
public sealed record ApprovalRequested
{
    public required IReadOnlyList<Gate> Gates { get; init; }
    public required DateTimeOffset Until { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>Somebody approved. Whether it counts is decided with the next evaluation.</summary>
public sealed record ApprovalRecorded
{
    public required Guid ApprovalId { get; init; }
    public required string Approver { get; init; }
    public required Assurance Assurance { get; init; }
    public required string Via { get; init; }
    public string? Comment { get; init; }
    public string? Key { get; init; }

    /// <summary>The longest that the approver agreed to; null for what was asked for.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>What was approved.</summary>
    public int? Revision { get; init; }

    /// <summary>What the vote was for; null for votes of before that was recorded.</summary>
    public BallotFacts? Ballot { get; init; }

    /// <summary>The bundle in force when it was cast. It is beside what was voted for: new policies make no vote void.</summary>
    public string? Bundle { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>Somebody with a say rejected.</summary>
public sealed record GrantRejected
{
    public required string Approver { get; init; }
    public required Assurance Assurance { get; init; }
    public required string Via { get; init; }
    public string? Comment { get; init; }
    public string? Key { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>Permitted, to start later.</summary>
public sealed record GrantScheduled(DateTimeOffset StartsAt, DateTimeOffset At);

/// <summary>The target is to give access.</summary>
public sealed record ActivationStarted
{
    public required long HoldingRevision { get; init; }
    public required TimeSpan Duration { get; init; }
    public required DateTimeOffset GiveUpAt { get; init; }
    public required TargetBinding Binding { get; init; }

    /// <summary>When it is over whenever it begins, since it resumes what was given before; null when its time counts from the activation.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Which of the grant's credentials is to be made; null where none is.</summary>
    public int? CredentialNumber { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>An attempt to give access failed; it goes on.</summary>
public sealed record ActivationAttemptFailed(
    long HoldingRevision,
    int Attempt,
    string Code,
    string Message,
    DateTimeOffset NextAttemptAt,
    DateTimeOffset At
);

/// <summary>The access was read back from the target. It counts from then.</summary>
public sealed record GrantActivated
{
    public required long HoldingRevision { get; init; }
    public required DateTimeOffset ActivatedAt { get; init; }

    /// <summary>When Issuance says that it was read back, where that does not count; null where it does.</summary>
    public DateTimeOffset? ToldAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public required bool PreExisting { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>The target is to take access away.</summary>
public sealed record RevocationStarted
{
    public required string Reason { get; init; }
    public required long HoldingRevision { get; init; }
    public required ActorRef Actor { get; init; }
    public string? Comment { get; init; }
    public string? Key { get; init; }

    /// <summary>The operator's order that ended it; null where none did.</summary>
    public Guid? Revocation { get; init; }

    /// <summary>The policies that let it stay no longer; null where none did, also where it stood on one that is no more.</summary>
    public IReadOnlyList<string>? Policies { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>An attempt to take access away failed: alerting, and tried again for ever.</summary>
public sealed record RevocationAttemptFailed(
    long HoldingRevision,
    int Attempt,
    string Code,
    string Message,
    DateTimeOffset NextAttemptAt,
    DateTimeOffset At
);

/// <summary>The target, asked again, no longer shows the access, or shows it only for other grants.</summary>
public sealed record GrantEnded
{
    public required string Reason { get; init; }
    public required long HoldingRevision { get; init; }
    public required DateTimeOffset ObservedAt { get; init; }

    /// <inheritdoc cref="GrantActivated.ToldAt"/>
    public DateTimeOffset? ToldAt { get; init; }
    public required IReadOnlyList<Guid> StillHeldBy { get; init; }
    public required IReadOnlyList<string> EffectivePaths { get; init; }

    /// <summary>Whether it was there in effect all the same; null from a version that named paths only.</summary>
    public bool? Effective { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>Somebody asks for the access to last longer: a new revision of the request, for which earlier approvals don't count.</summary>
public sealed record RenewalRequested
{
    public required int Revision { get; init; }

    /// <summary>From the moment at which it is granted.</summary>
    public required TimeSpan Duration { get; init; }
    public required string Text { get; init; }
    public required ActorRef Actor { get; init; }
    public string? Key { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>People are asked about the renewal; the access ends when they don't answer.</summary>
public sealed record RenewalApprovalRequested
{
    public required IReadOnlyList<Gate> Gates { get; init; }
    public required DateTimeOffset Until { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>The access lasts longer: decided afresh, and the target is told before the old end.</summary>
public sealed record GrantRenewed
{
    public required long HoldingRevision { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The credential that takes the place of the one before; null where there is none.</summary>
    public int? CredentialNumber { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>Another credential takes the place of the one before, which opens nothing any more.</summary>
public sealed record CredentialRotated
{
    public required int Number { get; init; }

    /// <summary>Whom it is for from now on.</summary>
    public required RecipientKey RecipientKey { get; init; }
    public required long HoldingRevision { get; init; }
    public required ActorRef Actor { get; init; }
    public string? Key { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>Somebody asked for the sealed credential, and it was handed to nobody else. Recorded first: if the answer was lost, it has to be rotated.</summary>
public sealed record CredentialHandedOut(int Number, ActorRef Actor, DateTimeOffset At);

/// <summary>The access does not last longer. It stays until its end.</summary>
public sealed record RenewalRefused(IReadOnlyList<string> Reasons, DateTimeOffset At);

/// <summary>Somebody with a say rejected the renewal. The access stays until its end.</summary>
public sealed record RenewalRejected
{
    public required string Approver { get; init; }
    public required Assurance Assurance { get; init; }
    public required string Via { get; init; }
    public string? Comment { get; init; }
    public string? Key { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>The target is to take access away for now. Its time runs on.</summary>
public sealed record SuspensionStarted
{
    public required long HoldingRevision { get; init; }
    public required ActorRef Actor { get; init; }
    public string? Comment { get; init; }
    public string? Key { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>An attempt to take access away for now failed: alerting, and tried again for ever.</summary>
public sealed record SuspensionAttemptFailed(
    long HoldingRevision,
    int Attempt,
    string Code,
    string Message,
    DateTimeOffset NextAttemptAt,
    DateTimeOffset At
);

/// <summary>The target, asked again, no longer shows the access, or shows it only for other grants.</summary>
public sealed record GrantSuspended
{
    public required long HoldingRevision { get; init; }
    public required DateTimeOffset ObservedAt { get; init; }

    /// <inheritdoc cref="GrantActivated.ToldAt"/>
    public DateTimeOffset? ToldAt { get; init; }
    public required IReadOnlyList<Guid> StillHeldBy { get; init; }
    public required IReadOnlyList<string> EffectivePaths { get; init; }

    /// <summary>Whether it was there in effect all the same; null from a version that named paths only.</summary>
    public bool? Effective { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>Somebody asks for suspended access to be given back; it is decided afresh.</summary>
public sealed record ResumptionRequested
{
    public required ActorRef Actor { get; init; }
    public string? Comment { get; init; }
    public string? Key { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>Suspended access is not given back. It stays suspended.</summary>
public sealed record ResumptionRefused(IReadOnlyList<string> Reasons, DateTimeOffset At);

/// <summary>Suspended access was given back, and read back. Its end is what it was.</summary>
public sealed record GrantResumed
{
    public required long HoldingRevision { get; init; }
    public required DateTimeOffset ResumedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>Policy failed to say whether the access may stay; it counts as if it may not.</summary>
public sealed record RetentionFailed(Guid? Sweep, string Reason, DateTimeOffset At);

/// <summary>Somebody has to review the access by then.</summary>
public sealed record ReviewOwed(DateTimeOffset Due, DateTimeOffset At);

/// <summary>Somebody says whether the access may stay. Whether they have the authority, policy decides.</summary>
public sealed record ReviewSubmitted
{
    public required string Reviewer { get; init; }

    /// <summary>False where the access is not to stay, or should not have been.</summary>
    public bool Kept { get; init; } = true;

    /// <summary>The revision of the request that was looked at; null for the first.</summary>
    public int? Revision { get; init; }
    public required string Via { get; init; }
    public string? Comment { get; init; }
    public string? Key { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>Whoever said that the access may stay has no authority to. The review is still owed.</summary>
public sealed record ReviewRefused(string Reviewer, IReadOnlyList<string> Reasons, DateTimeOffset At);

/// <summary>Somebody with the authority reviewed the access, or took it away.</summary>
public sealed record ReviewRecorded
{
    public required string Reviewer { get; init; }
    public required bool Kept { get; init; }
    public required string Via { get; init; }

    /// <summary>The policies that permitted the reviewer; empty where the access is taken away, which needs none.</summary>
    public required IReadOnlyList<string> Authority { get; init; }
    public string? Comment { get; init; }
    public string? Key { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>Nobody reviewed the access in time. It is still owed.</summary>
public sealed record ReviewMissed(DateTimeOffset Due, DateTimeOffset At);

/// <summary>Nobody approved in time.</summary>
public sealed record GrantLapsed(DateTimeOffset At);

/// <summary>Taken back before it was given.</summary>
public sealed record GrantWithdrawn(ActorRef Actor, string? Comment, string? Key, DateTimeOffset At);

/// <summary>A deadline counts from now. <c>Revision</c> is the version of the stream that this event makes, or one above what Expiry was seen to hold.</summary>
public sealed record DeadlineSet(string Kind, DateTimeOffset Due, long Revision);

/// <summary>A deadline does not count any more.</summary>
public sealed record DeadlineCancelled(string Kind, long Revision);

/// <summary>The approval window ended while an approval was being decided: the decision comes first.</summary>
public sealed record LapseDeferred(DateTimeOffset At);

/// <summary>The grant waited longer than its state allows; what it waits for was asked for again.</summary>
public sealed record GrantRedriven(string State, DateTimeOffset At);
