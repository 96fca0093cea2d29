namespace Governance.Lifecycle.Grants;

/// <summary>Why a command was turned down.</summary>
/// <param name="Code">Stable code for machines.</param>
/// <param name="Kind">Decides the status on the wire.</param>
/// <param name="Message">What is wrong and what to do, for people.</param>
public sealed record Refusal(string Code, RefusalKind Kind, string Message)
{
    /// <summary>The revision that there is now, where another one was named.</summary>
    public int? Revision { get; init; }
}

public enum RefusalKind
{
    /// <summary>The grant's state does not allow it: 409.</summary>
    Conflict,

    /// <summary>The caller may not: 403.</summary>
    Forbidden,

    /// <summary>What the caller asks for makes no sense for this grant: 400.</summary>
    Invalid,

    /// <summary>It was there, and is not any more: 410.</summary>
    Gone,
}

/// <summary>Every refusal of a command, one a line.</summary>
public static class Refusals
{
    public static Refusal NotInState(string command, string state) =>
        new("not-in-state", RefusalKind.Conflict, $"The grant is {GrantState.ToWire(state)}: it can't be {command} now.");

    public static Refusal OtherRevision(int current) =>
        new(
            "other-revision",
            RefusalKind.Conflict,
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"The request is at revision {current} by now: look at it again, then say so, with revision: {current} or If-Match: \"{current}\"."
            )
        )
        {
            Revision = current,
        };

    public static Refusal KeyReused { get; } =
        new(
            "key-reused",
            RefusalKind.Conflict,
            "Idempotency-Key: this key came with something else that was asked of this grant; use a new key."
        );

    public static Refusal AlreadyApproved { get; } =
        new("already-approved", RefusalKind.Conflict, "This person has approved the request already; one person counts once.");

    public static Refusal LongerThanAsked(TimeSpan asked) =>
        new(
            "duration-too-long",
            RefusalKind.Invalid,
            $"duration: an approver can shorten what is asked for, {IsoDuration.Format(asked)}, not lengthen it."
        );

    public static Refusal NothingToReview { get; } = new("nothing-to-review", RefusalKind.Conflict, "No review of this grant is owed.");

    public static Refusal NotHuman { get; } =
        new("approver-not-human", RefusalKind.Forbidden, "Only a person who is active in the catalog can approve or reject.");

    public static Refusal NotVerified { get; } =
        new("approver-not-verified", RefusalKind.Forbidden, "An approval counts only from somebody who was authenticated.");

    public static Refusal IsRequester { get; } =
        new("approver-is-requester", RefusalKind.Forbidden, "Nobody approves what they, or an identity of theirs, asked for.");

    public static Refusal IsBeneficiary { get; } =
        new("approver-is-beneficiary", RefusalKind.Forbidden, "Nobody approves access for themselves or for an identity that they own.");

    public static Refusal IsSender { get; } =
        new(
            "approver-is-sender",
            RefusalKind.Forbidden,
            "Nobody decides on what they, an identity of theirs, or an integration that they answer for sent."
        );

    public static Refusal IsActedFor { get; } =
        new("approver-is-acted-for", RefusalKind.Forbidden, "Nobody decides on access that is used on their own behalf.");

    public static Refusal NotAskedYet { get; } =
        new("not-asked-yet", RefusalKind.Conflict, "Policy has not answered yet who decides on this: reject it again in a moment.");

    public static Refusal NotAnApprover { get; } =
        new("not-an-approver", RefusalKind.Forbidden, "No gate of this request asks for a vote of this person.");

    public static Refusal BeingDecidedAgain { get; } =
        new("being-decided-again", RefusalKind.Conflict, "Whether this access may stay is being decided: review it again in a moment.");

    public static Refusal ReviewerNotHuman { get; } =
        new("reviewer-not-human", RefusalKind.Forbidden, "Only a person who is active in the catalog can review access.");

    public static Refusal ReviewerNotVerified { get; } =
        new("reviewer-not-verified", RefusalKind.Forbidden, "A review counts only from somebody who was authenticated.");

    public static Refusal ReviewerIsInvolved { get; } =
        new(
            "reviewer-is-involved",
            RefusalKind.Forbidden,
            "Nobody reviews access that they, or an identity of theirs, asked for, sent, hold or have somebody use for them."
        );

    public static Refusal HolderNotVerified { get; } =
        new("holder-not-verified", RefusalKind.Forbidden, "A credential is only for somebody who was authenticated.");

    public static Refusal NotTheHolder { get; } =
        new(
            "not-the-holder",
            RefusalKind.Forbidden,
            "A credential is only for the requester, the grantee itself, and the person who owns the grantee."
        );

    public static Refusal NoCredential { get; } =
        new(
            "no-credential",
            RefusalKind.Conflict,
            "This grant has no credential: its target has no account for each grant, or the request gave no recipientKey."
        );

    public static Refusal CredentialNotReady { get; } =
        new("credential-not-ready", RefusalKind.Conflict, "The credential is being made at the target: ask again in a moment.");

    public static Refusal CredentialGone { get; } =
        new(
            "credential-gone",
            RefusalKind.Gone,
            "The credential was handed out already, which happens once. POST /v1/grants/ID/rotate makes another."
        );

    public static Refusal RenewerNotVerified { get; } =
        new("renewer-not-verified", RefusalKind.Forbidden, "A renewal is asked for by somebody who was authenticated.");

    public static Refusal NotARenewer { get; } =
        new(
            "not-a-renewer",
            RefusalKind.Forbidden,
            "Only the requester, or the person who owns the grantee, asks for access to last longer."
        );

    public static Refusal EmergencyIsNotRenewed { get; } =
        new("emergency-not-renewable", RefusalKind.Conflict, "Emergency access is not renewed: request what is still needed.");

    public static Refusal BeingRenewed { get; } =
        new("being-renewed", RefusalKind.Conflict, "A renewal of this grant is being decided already.");

    public static Refusal TooEarlyToRenew(DateTimeOffset opens) =>
        new("too-early-to-renew", RefusalKind.Conflict, $"This grant can be renewed from {Moments.ToWire(opens)} on.");

    public static Refusal NothingGained(DateTimeOffset end) =>
        new(
            "nothing-gained",
            RefusalKind.Invalid,
            $"duration: counts from the renewal, and would end no later than the access does now, {Moments.ToWire(end)}."
        );

    public static Refusal ResumerNotHuman { get; } =
        new("resumer-not-human", RefusalKind.Forbidden, "Only a person who is active in the catalog gives suspended access back.");

    public static Refusal ResumerNotVerified { get; } =
        new("resumer-not-verified", RefusalKind.Forbidden, "Suspended access is given back only by somebody who was authenticated.");

    public static Refusal ResumerIsInvolved { get; } =
        new(
            "resumer-is-involved",
            RefusalKind.Forbidden,
            "Nobody gives back access that somebody else suspended and that they, or an identity of theirs, asked for, sent, hold or have somebody use for them."
        );

    public static Refusal BeingResumed { get; } =
        new("being-resumed", RefusalKind.Conflict, "Whether this access is given back is being decided already.");

    public static Refusal NotTheirOwn { get; } =
        new(
            "not-their-own",
            RefusalKind.Forbidden,
            "Only a person suspends or revokes the access of others; an identity gives up its own, and nothing else."
        );

    public static Refusal NotTheEditor { get; } =
        new("not-the-requester", RefusalKind.Forbidden, "Only the requester edits a request; an approver can shorten or reject it.");

    public static Refusal NotTheRequester { get; } =
        new("not-the-requester", RefusalKind.Forbidden, "Only the requester withdraws a request; others reject or revoke it.");
}
