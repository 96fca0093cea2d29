using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>The engine's own rules about who reviews; no policy can override them.</summary>
internal static class Reviewing
{
    /// <summary>Why somebody may not review, whatever policies say; null if they may decide.</summary>
    public static string? ObjectionTo(PrincipalFacts reviewer, KnownFacts known) =>
        reviewer is not { Kind: PrincipalKind.Human, Active: true } ? DecisionReasons.ReviewerNotHuman
        : string.Equals(reviewer.Id, KnownFacts.ActorOf(known.Requester), StringComparison.Ordinal)
        || string.Equals(reviewer.Id, KnownFacts.ActorOf(known.Grantee), StringComparison.Ordinal)
        || known.Delegation?.Actors.Contains(reviewer.Id, StringComparer.Ordinal) == true
            ? DecisionReasons.ReviewerIsInvolved
        : null;
}
