using Governance.Contracts.Decisions;
using Governance.Voting;

namespace Governance.Cedar.Decisions;

/// <summary>The engine's own rules about who reviews; no policy can override them.</summary>
internal static class Reviewing
{
    /// <summary>Why somebody may not review, whatever policies say; null if they may decide.</summary>
    public static string? ObjectionTo(PrincipalFacts reviewer, KnownFacts known) =>
        Electorate.ObjectionTo(KnownFacts.PersonOf(reviewer), Assurance.Verified, known.Stake) switch
        {
            null => null,
            Objections.Unknown or Objections.NotHuman or Objections.Inactive => DecisionReasons.ReviewerNotHuman,
            _ => DecisionReasons.ReviewerIsInvolved,
        };
}
