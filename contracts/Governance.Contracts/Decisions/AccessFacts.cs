namespace Governance.Contracts.Decisions;

/// <summary>
/// Everything that a decision is made from, except the moment and the bundle: assembled by Lifecycle from one catalog and the ledgers.
/// </summary>
/// <remarks>
/// Stored with the evaluation as RFC 8785 JSON, whose SHA-256 is the facts digest. Lifecycle assembles the facts again, under the lock of
/// the actor, when a permit is recorded; an unequal digest means that the decision was made from stale facts. So the document holds no
/// clock reading and nothing that changes without mattering to the decision. Lists are in ordinal order of their ids.
/// </remarks>
public sealed record AccessFacts
{
    /// <summary>Digest (<c>sha256:…</c>) of the catalog that the facts were read from.</summary>
    public required string Catalog { get; init; }

    /// <summary>What was asked for.</summary>
    public required RequestFacts Request { get; init; }

    /// <summary>Opaque id of the grantee: one of <see cref="Principals"/>.</summary>
    public required string Principal { get; init; }

    /// <summary>Id of the entitlement, for example <c>orders-db/readonly</c>: one of <see cref="Entitlements"/>.</summary>
    public required string Entitlement { get; init; }

    /// <summary>Every principal that the decision names: grantee, requester, owners, approvers, and the actor's human.</summary>
    public required IReadOnlyList<PrincipalFacts> Principals { get; init; }

    /// <summary>The entitlement asked for and every one that the actor holds or that conflicts with it.</summary>
    public required IReadOnlyList<EntitlementFacts> Entitlements { get; init; }

    /// <summary>The targets of <see cref="Entitlements"/>.</summary>
    public required IReadOnlyList<TargetFacts> Targets { get; init; }

    /// <summary>The human behind the grantee (the grantee's owner, or the grantee when it is human) with every NHI of theirs: the unit of separation of duties. Null when the grantee has no owner.</summary>
    public ActorFacts? Actor { get; init; }

    /// <summary>Entitlements that the grantee holds by other grants, from their permit until their absence was read back.</summary>
    public required IReadOnlyList<string> Held { get; init; }

    /// <summary>
    /// The conflicts that the catalog declares for any of <see cref="Entitlements"/>, in ordinal order of their ids. Null in facts of before conflicts
    /// had names: then <see cref="EntitlementFacts.Conflicts"/> counts.
    /// </summary>
    public IReadOnlyList<ConflictFacts>? Conflicts { get; init; }

    /// <summary>Those on whose behalf the grantee acts, nearest first; null when it acts for itself.</summary>
    public IReadOnlyList<DelegatorFacts>? Delegation { get; init; }

    /// <summary>Emergency grants of the requester's human whose review is overdue, in order of their ids; null when there is none.</summary>
    public IReadOnlyList<Guid>? OverdueReviews { get; init; }

    /// <summary>
    /// Other emergency grants of the requester's human for the same ticket that nobody has reviewed yet, open or over, in order of their ids;
    /// null when there is none.
    /// </summary>
    public IReadOnlyList<Guid>? UnreviewedEmergencies { get; init; }

    /// <summary>
    /// Where at its target the grantee gets what is asked for: what votes are held against. Null while no vote says what it is for.
    /// </summary>
    public PlaceFacts? Place { get; init; }

    /// <summary>Opaque id of the human who reviews the access: one of <see cref="Principals"/>. Null unless a review is decided on.</summary>
    public string? Reviewer { get; init; }

    /// <summary>Approvals recorded for this request so far, in the order in which they were committed.</summary>
    public required IReadOnlyList<ApprovalFacts> Approvals { get; init; }

    /// <summary>The longest duration that this installation allows for anything, whatever policy says.</summary>
    public required TimeSpan SystemMaxDuration { get; init; }
}

/// <summary>What was asked for.</summary>
public sealed record RequestFacts
{
    /// <summary>The grant's id, which is also the id of the request.</summary>
    public required Guid Grant { get; init; }

    /// <summary>Opaque id of the human or NHI that asks.</summary>
    public required string Requester { get; init; }

    /// <summary>Whether the requester was authenticated or is only named by a message.</summary>
    public required Assurance RequesterAssurance { get; init; }

    /// <summary>How the request came in: <c>amqp</c>, <c>http</c>.</summary>
    public required string Via { get; init; }

    /// <summary>The CloudEvent's source.</summary>
    public required string Source { get; init; }

    /// <summary>How long the access is to last, counted from activation.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>When the access is to start (UTC); null means at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The request claims to be an emergency. It counts only when <see cref="EmergencyAssurance"/> is verified.</summary>
    public required bool Emergency { get; init; }

    /// <summary>Whether the source of the emergency claim is trusted for it and was verified.</summary>
    public required Assurance EmergencyAssurance { get; init; }

    /// <summary>The ticket that the request refers to: an input, never proof.</summary>
    public TicketFacts? Ticket { get; init; }

    /// <summary>
    /// Whether it was verified that those on whose behalf the grantee acts know of it: the last of them asked, or the source is trusted for it.
    /// Null when the grantee acts for itself.
    /// </summary>
    public Assurance? DelegationAssurance { get; init; }

    /// <summary>
    /// Opaque ids, in ordinal order, of those who stand behind the request beside requester and grantee: who verifiably sent it, who owns the
    /// integration that did, who asked for the access before somebody else had it renewed. None of them, and nobody who owns one of them,
    /// decides on it. Null when there is nobody else.
    /// </summary>
    public IReadOnlyList<string>? SentBy { get; init; }

    /// <summary>How often the request was edited, counted from 1; null for a request that never was. Approvals of an earlier revision are stale.</summary>
    public int? Revision { get; init; }
}

/// <summary>A ticket as the request describes it.</summary>
public sealed record TicketFacts
{
    /// <summary>The ITSM system, for example <c>servicenow</c>.</summary>
    public required string System { get; init; }

    /// <summary>The ticket's key in that system.</summary>
    public required string Key { get; init; }

    /// <summary>
    /// The ticket's state: <c>approved</c>, <c>rejected</c> or <c>closed</c>, whatever its system calls that, else in the system's own words,
    /// lower case; null when not given. Decisions of before words were understood have the system's.
    /// </summary>
    public string? State { get; init; }

    /// <summary>Whether the source is trusted for tickets and was verified.</summary>
    public required Assurance Assurance { get; init; }

    /// <summary>Opaque id of the person whom the ticket is assigned to; null when not given or not in the catalog.</summary>
    public string? Assignee { get; init; }

    /// <summary>The configuration item that the ticket is about, in that system's own words; null when not given.</summary>
    public string? ConfigurationItem { get; init; }

    /// <summary>When the ticket allows the change to be made; null when it doesn't say.</summary>
    public ChangeWindow? ChangeWindow { get; init; }
}

/// <summary>A time in which a change may be made.</summary>
/// <param name="Start">From then (UTC).</param>
/// <param name="End">Until then (UTC), later than <paramref name="Start"/>.</param>
public sealed record ChangeWindow(DateTimeOffset Start, DateTimeOffset End);

/// <summary>A human or non-human identity.</summary>
public sealed record PrincipalFacts
{
    /// <summary>Opaque id.</summary>
    public required string Id { get; init; }

    /// <summary>What it is.</summary>
    public required PrincipalKind Kind { get; init; }

    /// <summary>Opaque id of the accountable human of an NHI; null for humans, and for an NHI without an owner.</summary>
    public string? Owner { get; init; }

    /// <summary>Opaque id of the human who answers for an NHI to the organisation, where that is not its owner; null when there is none.</summary>
    public string? Sponsor { get; init; }

    /// <summary>False for who left or what was retired: nothing is given to it.</summary>
    public required bool Active { get; init; }

    /// <summary>Names of the groups it is a member of.</summary>
    public required IReadOnlyList<string> Groups { get; init; }

    /// <summary>Where an NHI runs, for example <c>production</c>; null when not known.</summary>
    public string? Environment { get; init; }
}

/// <summary>A grantable right on a target.</summary>
public sealed record EntitlementFacts
{
    /// <summary>Id, for example <c>orders-db/readonly</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Id of its target: one of <see cref="AccessFacts.Targets"/>.</summary>
    public required string Target { get; init; }

    /// <summary>How much harm it can do.</summary>
    public required Risk Risk { get; init; }

    /// <summary>The catalog's bound of its duration.</summary>
    public required TimeSpan MaxDuration { get; init; }

    /// <summary>Opaque id of the human who answers for it.</summary>
    public required string Owner { get; init; }

    /// <summary>What it lets its holder do, in the target's words.</summary>
    public required IReadOnlyList<string> Privileges { get; init; }

    /// <summary>Entitlements that the same actor must not hold beside it. Symmetric.</summary>
    public required IReadOnlyList<string> Conflicts { get; init; }
}

/// <summary>A system with a connector.</summary>
public sealed record TargetFacts
{
    /// <summary>Id, for example <c>orders-db</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Kind of its connector, for example <c>postgresql</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Environment, for example <c>production</c>.</summary>
    public required string Environment { get; init; }

    /// <summary>Criticality: 1 is the most critical.</summary>
    public required int Tier { get; init; }
}

/// <summary>Entitlements that one actor must not hold together.</summary>
public sealed record ConflictFacts
{
    /// <summary>Id of the conflict in the catalog.</summary>
    public required string Id { get; init; }

    /// <summary>The set: any two of them conflict.</summary>
    public required IReadOnlyList<string> Entitlements { get; init; }

    /// <summary>Opaque id of the human who answers for the conflict.</summary>
    public required string Owner { get; init; }

    /// <summary>The exemptions of the grantee's actor, past and future ones included: whether one counts depends on the moment. Null when there is none.</summary>
    public IReadOnlyList<ExemptionFacts>? Exemptions { get; init; }
}

/// <summary>A time-boxed exemption of one actor from one conflict.</summary>
public sealed record ExemptionFacts
{
    /// <summary>Id of the exemption in the catalog.</summary>
    public required string Id { get; init; }

    /// <summary>Opaque id of the human whom it exempts, with every NHI of theirs.</summary>
    public required string Human { get; init; }

    /// <summary>From then (UTC).</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Until then (UTC): access given by it ends then at the latest.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>The control that stands in for the separation.</summary>
    public required string CompensatingControl { get; init; }

    /// <summary>Opaque id of the human who approved it: the conflict's owner, never the one exempted.</summary>
    public required string ApprovedBy { get; init; }
}

/// <summary>Somebody on whose behalf the grantee acts.</summary>
public sealed record DelegatorFacts
{
    /// <summary>Opaque id: one of <see cref="AccessFacts.Principals"/>.</summary>
    public required string Principal { get; init; }

    /// <summary>Entitlements that the delegator has at the target now, in ordinal order.</summary>
    public required IReadOnlyList<string> Held { get; init; }

    /// <summary>When the delegator's own access to the entitlement asked for ends (UTC); null when the delegator does not have it.</summary>
    public DateTimeOffset? HeldUntil { get; init; }
}

/// <summary>A human together with every NHI of theirs.</summary>
public sealed record ActorFacts
{
    /// <summary>Opaque id of the human.</summary>
    public required string Human { get; init; }

    /// <summary>Ids of the human's NHIs that hold something that conflicts with the entitlement asked for. A human can own thousands: the rest don't matter.</summary>
    public required IReadOnlyList<string> ConflictingHolders { get; init; }

    /// <summary>Entitlements that the human or any NHI of theirs holds by other grants, the grantee's included.</summary>
    public required IReadOnlyList<string> Held { get; init; }
}

/// <summary>A human's vote on a request.</summary>
public sealed record ApprovalFacts
{
    /// <summary>Id of the vote.</summary>
    public required Guid Id { get; init; }

    /// <summary>Opaque id of the approver: one of <see cref="AccessFacts.Principals"/>.</summary>
    public required string Approver { get; init; }

    /// <summary>When it was cast (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Only verified votes count.</summary>
    public required Assurance Assurance { get; init; }

    /// <summary>How it came in.</summary>
    public required string Via { get; init; }

    /// <summary>The longest duration that the approver agreed to; null for the one asked for. It only ever shortens.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The revision of the request that was approved; null for a request that was never edited.</summary>
    public int? Revision { get; init; }

    /// <summary>What the vote was for; null where that was not recorded, and it counts for whatever its revision asks.</summary>
    public BallotFacts? Ballot { get; init; }
}

/// <summary>What a vote was for: it counts only while that is what is asked.</summary>
/// <param name="Digest">
/// SHA-256 (<c>sha256:…</c>) of the RFC 8785 JSON of the grantee (<c>principal</c>), its <c>account</c>, the <c>target</c> and the
/// <c>privilege</c> there, and of the two members below, as they were when it was cast.
/// </param>
/// <param name="NotBefore">The earliest start (UTC); null for at once.</param>
/// <param name="Duration">The longest that the voter agreed to.</param>
public sealed record BallotFacts(string Digest, DateTimeOffset? NotBefore, TimeSpan Duration);

/// <summary>Where at a target access is given.</summary>
/// <param name="Account">The grantee's account.</param>
/// <param name="Privilege">The right's name.</param>
public sealed record PlaceFacts(string Account, string Privilege);
