using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>The engine's own rules of emergency access; no policy can override them.</summary>
internal static class Emergency
{
    /// <summary>Why access is not given as for an emergency, whatever policies say; null if they may decide.</summary>
    public static string? ObjectionTo(KnownFacts known, DateTimeOffset now) =>
        !known.IsEmergency || known.Facts.Request.RequesterAssurance != Assurance.Verified ? DecisionReasons.EmergencyUnverified
        : known.Requester.Kind != PrincipalKind.Human ? DecisionReasons.EmergencyNotHuman
        : known.Facts.Request.Ticket is null ? DecisionReasons.EmergencyWithoutIncident
        : known.Facts.Request.NotBefore > now || known.Delegation is not null ? DecisionReasons.EmergencyNotNow
        : known.Facts.OverdueReviews is { Count: > 0 } ? DecisionReasons.ReviewOverdue
        : null;
}
