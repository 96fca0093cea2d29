using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>The engine's own rules of emergency access; no policy can override them.</summary>
internal static class Emergency
{
    /// <summary>How many emergencies of one person and incident may be without a review, where no policy says otherwise.</summary>
    public const int MaxUnreviewed = 2;

    /// <summary>Whether this one is more than the policies that let it through allow; the strictest of them counts.</summary>
    public static bool IsTooMany(KnownFacts known, Ruling ruling) =>
        (known.Facts.UnreviewedEmergencies?.Count ?? 0) >= (ruling.Binding.Min(policy => policy.MaxUnreviewed) ?? MaxUnreviewed);

    /// <summary>Why access is not given as for an emergency, whatever policies say; null if they may decide.</summary>
    public static string? ObjectionTo(KnownFacts known, DateTimeOffset now) =>
        !known.IsEmergency || known.Facts.Request.RequesterAssurance != Assurance.Verified ? DecisionReasons.EmergencyUnverified
        : known.Requester.Kind != PrincipalKind.Human ? DecisionReasons.EmergencyNotHuman
        : known.Facts.Request.Ticket is null ? DecisionReasons.EmergencyWithoutIncident
        : known.Facts.Request.NotBefore > now || known.Delegation is not null ? DecisionReasons.EmergencyNotNow
        : known.Facts.OverdueReviews is { Count: > 0 } ? DecisionReasons.ReviewOverdue
        : null;
}
