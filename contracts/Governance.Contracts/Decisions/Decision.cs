using System.Globalization;

namespace Governance.Contracts.Decisions;

/// <summary>A decision with all that explains it. Together with its facts it can be made again, and must come out the same.</summary>
public sealed record Decision
{
    /// <summary>What was decided.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>What it was about.</summary>
    public DecisionPurpose Purpose { get; init; }

    /// <summary>
    /// Version of the suite's own rules (how evaluations become an outcome), which no policy can override. A decision is repeatable by the
    /// rules that it was made by; 1 where nothing is recorded.
    /// </summary>
    public int Rules { get; init; } = 1;

    /// <summary>The moment that policies saw as now (UTC).</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Digest of the policy bundle.</summary>
    public required string Bundle { get; init; }

    /// <summary>Digest of the Cedar schema in the bundle.</summary>
    public required string Schema { get; init; }

    /// <summary>Engine and version, for example <c>cedar-wasm 4.13.0</c>.</summary>
    public required string Engine { get; init; }

    /// <summary>Digest of the facts.</summary>
    public required string Facts { get; init; }

    /// <summary>How long the access may last, counted from activation. Meaningful unless the outcome is Forbid.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>
    /// The moment at which the access is over, however late it started (UTC): the end of the change window, of an exemption or of the right
    /// of those on whose behalf the grantee acts, whichever is first. Null when it rests on nothing that ends.
    /// </summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>Why the duration is shorter than asked, in the order of the cuts.</summary>
    public required IReadOnlyList<DurationCut> Cuts { get; init; }

    /// <summary>Machine-readable reasons, for example <c>no-permit</c>, <c>forbidden</c>, <c>evaluation-error</c>, <c>duration</c>.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>
    /// Where it is a Forbid for want of a permit: the permit that came nearest, and what it lacked. It explains and decides nothing; null
    /// where there is none to name, and in decisions that are older than this member.
    /// </summary>
    public NearestPermit? Nearest { get; init; }

    /// <summary>The determining policies of the final evaluation.</summary>
    public required IReadOnlyList<DeterminingPolicy> Policies { get; init; }

    /// <summary>The gates that fired, with who fills them.</summary>
    public required IReadOnlyList<Gate> Gates { get; init; }

    /// <summary>Approvals that were not counted, and why.</summary>
    public required IReadOnlyList<UncountedApproval> Uncounted { get; init; }

    /// <summary>Exemptions from a conflict without which the outcome might have been Forbid; null when none was needed.</summary>
    public IReadOnlyList<AppliedExemption>? Exemptions { get; init; }

    /// <summary>What the suite must see to while the access lasts.</summary>
    public required Obligations Obligations { get; init; }

    /// <summary>Errors of the engine or of the facts. Any error means Forbid.</summary>
    public required IReadOnlyList<EvaluationError> Errors { get; init; }

    /// <summary>Every question that was put to the engine, in order.</summary>
    public required IReadOnlyList<EvaluationStep> Steps { get; init; }
}

/// <summary>A shortening of the duration.</summary>
/// <param name="From">Before.</param>
/// <param name="To">After.</param>
/// <param name="By">
/// What cut: <c>catalog</c>, <c>system</c>, <c>policy:ID</c>, <c>approval:ID</c>, <c>exemption:ID</c>, <c>delegation:ID</c> (whose own access
/// ends before), or <c>change-window</c>.
/// </param>
public sealed record DurationCut(TimeSpan From, TimeSpan To, string By);

/// <summary>A permit that did not hold, and what it lacked.</summary>
public sealed record NearestPermit
{
    /// <summary>The policy's <c>@id</c>.</summary>
    public required string Policy { get; init; }

    /// <summary>The parts of its scope and conditions that were not met, in words and in their order, for example <c>duration at most PT4H, asked PT8H</c>.</summary>
    public required IReadOnlyList<string> Lacked { get; init; }

    /// <summary>How many more there are than are named; null when all are.</summary>
    public int? More { get; init; }

    /// <summary>In one sentence, for people.</summary>
    public string Describe() =>
        $"policy \"{Policy}\" came nearest: {string.Join("; ", Lacked.Select(part => "it wants " + part))}"
        + (More is { } more ? string.Create(CultureInfo.InvariantCulture, $"; and {more} more") : "");
}

/// <summary>A policy that determined the outcome.</summary>
public sealed record DeterminingPolicy
{
    /// <summary>The policy's <c>@id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Whether it permits or forbids.</summary>
    public required PolicyEffect Effect { get; init; }

    /// <summary>Its <c>@reason</c>, for people.</summary>
    public string? Reason { get; init; }

    /// <summary>Its <c>@control</c>: the controls that it implements.</summary>
    public string? Control { get; init; }

    /// <summary>Its <c>@advice</c>: what the requester can do about it.</summary>
    public string? Advice { get; init; }

    /// <summary>Its <c>@risk</c>: the documented risk decision of access that nobody is asked about.</summary>
    public string? Risk { get; init; }

    /// <summary>Its <c>@rationale</c>.</summary>
    public string? Rationale { get; init; }
}

/// <summary>A gate that fired: a forbid that approvals can discharge.</summary>
public sealed record Gate
{
    /// <summary>The policy's <c>@id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The requirement as written, for example <c>2 of group:dba-oncall and 1 of owner</c>.</summary>
    public required string Requirement { get; init; }

    /// <summary>Its <c>@reason</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>True when every slot is filled.</summary>
    public required bool Discharged { get; init; }

    /// <summary>One slot for each approval that the requirement asks for.</summary>
    public required IReadOnlyList<GateSlot> Slots { get; init; }
}

/// <summary>One approval that a gate asks for.</summary>
public sealed record GateSlot
{
    /// <summary>Who may fill it: <c>group:NAME</c>, <c>owner</c> or <c>user:ID</c>.</summary>
    public required string From { get; init; }

    /// <summary>The approval that fills it; null while it is open.</summary>
    public Guid? Approval { get; init; }

    /// <summary>Who gave that approval.</summary>
    public string? Approver { get; init; }

    /// <summary>The policies that permitted the approver to approve.</summary>
    public IReadOnlyList<string>? Authority { get; init; }

    /// <summary>When the approval was given (UTC). That the approver had the authority was checked at the decision's <see cref="Decision.Now"/>.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>An exemption from a conflict that a decision relied on.</summary>
/// <param name="Id">Id of the exemption.</param>
/// <param name="Conflict">Id of the conflict.</param>
/// <param name="Until">When it ends (UTC).</param>
/// <param name="CompensatingControl">The control that stands in for the separation.</param>
/// <param name="ApprovedBy">Opaque id of the human who approved it.</param>
public sealed record AppliedExemption(string Id, string Conflict, DateTimeOffset Until, string CompensatingControl, string ApprovedBy);

/// <summary>An approval that was not counted.</summary>
/// <param name="Approval">Id of the approval.</param>
/// <param name="Approver">Who gave it.</param>
/// <param name="Code">
/// Why: <c>claimed-only</c>, <c>not-human</c>, <c>inactive</c>, <c>is-requester</c>, <c>is-beneficiary</c>, <c>is-delegator</c> (the grantee acts on behalf of the approver), <c>is-sender</c> (the approver, or an identity or integration of theirs, sent the request), <c>unknown</c> (to the catalog), <c>duplicate</c>, <c>stale</c> (of an earlier revision of the request), <c>changed</c> (account, privilege or start is another by now),
/// <c>policy</c> (not permitted to approve), <c>no-slot</c> (in none of the groups asked for, or its slots are filled).
/// </param>
public sealed record UncountedApproval(Guid Approval, string Approver, string Code);

/// <summary>What the suite must see to while the access lasts; the strictest of the determining permits' and fired gates' annotations.</summary>
public sealed record Obligations
{
    /// <summary>From <c>@maxDuration</c>: already applied to the decision's duration.</summary>
    public TimeSpan? MaxDuration { get; init; }

    /// <summary>From <c>@reviewWithin</c>: somebody must review the access within this time of activation.</summary>
    public TimeSpan? ReviewWithin { get; init; }

    /// <summary>From <c>@boundToTicket</c>: the access ends when the ticket closes.</summary>
    public bool BoundToTicket { get; init; }

    /// <summary>From <c>@notBefore("change-window")</c>: the access starts then (UTC) at the earliest. The decision's duration ends within the window.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>From <c>@notify</c>: who is told.</summary>
    public IReadOnlyList<string> Notify { get; init; } = [];
}

/// <summary>An error of the engine or of the facts.</summary>
/// <param name="Policy">The policy that failed; null when the whole evaluation did.</param>
/// <param name="Message">What went wrong.</param>
public sealed record EvaluationError(string? Policy, string Message);

/// <summary>A question to the engine with its answer.</summary>
public sealed record EvaluationStep
{
    /// <summary>
    /// What the step is for: <c>request</c>, <c>issue</c>, <c>issue-without-gates</c>, <c>renew</c>, <c>renew-without-gates</c>, <c>retain</c>,
    /// <c>break-glass</c>, <c>approve</c>, <c>review</c>.
    /// </summary>
    public required string Purpose { get; init; }

    /// <summary>The Cedar principal, for example <c>Governance::ServiceAccount::"svc-reporting"</c>.</summary>
    public required string Principal { get; init; }

    /// <summary>The Cedar resource.</summary>
    public required string Resource { get; init; }

    /// <summary>The duration in the context, where the action has one.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The engine's answer.</summary>
    public required PolicyEffect Answer { get; init; }

    /// <summary>Ids of the determining policies.</summary>
    public required IReadOnlyList<string> Determining { get; init; }

    /// <summary>Errors of the step.</summary>
    public required IReadOnlyList<EvaluationError> Errors { get; init; }
}
