using Governance.Lifecycle.Grants;

namespace Governance.Lifecycle.Texts;

/// <summary>Where a person's words stand in a grant's history.</summary>
/// <param name="Kind">What they were written for.</param>
/// <param name="Digest">The salted digest by which the event refers to them; null or empty where there are none.</param>
/// <param name="By">Opaque id of who wrote them.</param>
/// <param name="At">When.</param>
public sealed record WrittenText(string Kind, string? Digest, string By, DateTimeOffset At)
{
    /// <summary>The words that an event refers to; null for an event that has none.</summary>
    public static WrittenText? Of(object happened) =>
        happened switch
        {
            GrantRequested e => new("justification", e.Text, e.Requester, e.At),
            RequestEdited e => new("justification", e.Text, e.Actor.Id, e.At),
            RenewalRequested e => new("justification", e.Text, e.Actor.Id, e.At),
            ApprovalRecorded e => new("approval", e.Comment, e.Approver, e.At),
            GrantRejected e => new("rejection", e.Comment, e.Approver, e.At),
            RenewalRejected e => new("rejection", e.Comment, e.Approver, e.At),
            ReviewSubmitted e => new("review", e.Comment, e.Reviewer, e.At),
            // One that was submitted before has been told already.
            ReviewRecorded { Kept: false } e => new("review", e.Comment, e.Reviewer, e.At),
            GrantWithdrawn e => new("withdrawal", e.Comment, e.Actor.Id, e.At),
            SuspensionStarted e => new("suspension", e.Comment, e.Actor.Id, e.At),
            ResumptionRequested e => new("resumption", e.Comment, e.Actor.Id, e.At),
            RevocationStarted e => new("revocation", e.Comment, e.Actor.Id, e.At),
            _ => null,
        };
}
