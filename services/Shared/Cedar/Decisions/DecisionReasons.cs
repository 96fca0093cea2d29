namespace Governance.Cedar.Decisions;

/// <summary>The codes in a decision's reasons. They are on the wire: none is renamed or given another meaning.</summary>
public static class DecisionReasons
{
    /// <summary>Permit: a permit held, and no forbid that is not discharged.</summary>
    public const string Permitted = "permitted";

    /// <summary>ApprovalRequired: only gates stand in the way.</summary>
    public const string ApprovalRequired = "approval-required";

    /// <summary>Forbid: no permit lets the requester ask.</summary>
    public const string RequestNoPermit = "request-no-permit";

    /// <summary>Forbid: a forbid keeps the requester from asking.</summary>
    public const string RequestForbidden = "request-forbidden";

    /// <summary>Forbid: no permit held, whether or not a gate fired.</summary>
    public const string NoPermit = "no-permit";

    /// <summary>Forbid: a forbid held that is no gate.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>Forbid: a policy or the request could not be evaluated.</summary>
    public const string EvaluationError = "evaluation-error";

    /// <summary>Forbid: an emergency that is only claimed, by nobody or from a source that is not believed.</summary>
    public const string EmergencyUnverified = "emergency-unverified";

    /// <summary>Forbid: an emergency that no human declared.</summary>
    public const string EmergencyNotHuman = "emergency-not-human";

    /// <summary>Forbid: an emergency without the reference of an incident.</summary>
    public const string EmergencyWithoutIncident = "emergency-without-incident";

    /// <summary>Forbid: an emergency that is to begin later, or on somebody's behalf.</summary>
    public const string EmergencyNotNow = "emergency-not-now";

    /// <summary>Forbid: the human has used emergency access before whose review is overdue.</summary>
    public const string ReviewOverdue = "review-overdue";

    /// <summary>Forbid: the human has as many emergencies for this incident without a review as they may.</summary>
    public const string TooManyUnreviewed = "too-many-unreviewed";

    /// <summary>Forbid: the reviewer is no active human.</summary>
    public const string ReviewerNotHuman = "reviewer-not-human";

    /// <summary>Forbid: the reviewer is behind the request, behind the grantee, or somebody on whose behalf the grantee acts.</summary>
    public const string ReviewerIsInvolved = "reviewer-is-involved";

    /// <summary>Forbid: a policy binds the access to a ticket, and the request names none.</summary>
    public const string NoTicket = "no-ticket";

    /// <summary>Forbid: a policy asks for a change window, and the ticket has none.</summary>
    public const string NoChangeWindow = "no-change-window";

    /// <summary>Forbid: the ticket's change window is over.</summary>
    public const string ChangeWindowOver = "change-window-over";

    /// <summary>Forbid: an exemption that the access rests on ends before the change window starts.</summary>
    public const string ExemptionOver = "exemption-over";

    /// <summary>Forbid: those on whose behalf the grantee acts lose the access before it would start, or have lost it.</summary>
    public const string DelegationOver = "delegation-over";

    /// <summary>Forbid: with the duration cut to what policies allow, other policies ask for a further cut.</summary>
    public const string Duration = "duration";

    /// <summary>Forbid: the facts are incomplete or contradict themselves.</summary>
    public const string InvalidFacts = "invalid-facts";

    /// <summary>Forbid: the engine failed.</summary>
    public const string EngineFailure = "engine-failure";
}
