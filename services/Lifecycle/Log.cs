namespace Governance.Lifecycle;

// Event ids 1100-1199.
internal static partial class Log
{
    [LoggerMessage(1101, LogLevel.Information, "The bundle {Bundle} is in force (activation {Activation})", EventName = "BundleInForce")]
    public static partial void BundleInForce(ILogger logger, string bundle, long activation);

    [LoggerMessage(
        1102,
        LogLevel.Information,
        "The catalog {Catalog} is in force: {Entitlements} entitlements, {Principals} principals",
        EventName = "CatalogInForce"
    )]
    public static partial void CatalogInForce(ILogger logger, string catalog, int entitlements, int principals);

    [LoggerMessage(1103, LogLevel.Error, "The catalog is refused and the old one stays: {Error}", EventName = "CatalogRefused")]
    public static partial void CatalogRefused(ILogger logger, string error);

    [LoggerMessage(
        1122,
        LogLevel.Warning,
        "The catalog {Catalog} is held and {InForce} stays in force: it lacks {Losses}. If that is meant: governance catalog accept {Catalog} --reason … --as …",
        EventName = "CatalogHeld"
    )]
    public static partial void CatalogHeld(ILogger logger, string catalog, string inForce, string losses);

    [LoggerMessage(
        1123,
        LogLevel.Warning,
        "{Actor} accepts the catalog {Catalog} in place of {InForce}, although it lacks so much of it",
        EventName = "CatalogAccepted"
    )]
    public static partial void CatalogAccepted(ILogger logger, string catalog, string inForce, string actor);

    [LoggerMessage(
        1124,
        LogLevel.Information,
        "The catalog {Catalog} is held no longer: the files hold something else, and a word that was said for it is spent",
        EventName = "CatalogHoldEnded"
    )]
    public static partial void CatalogHoldEnded(ILogger logger, string catalog);

    [LoggerMessage(1104, LogLevel.Warning, "The catalog could not be recorded; trying again", EventName = "CatalogNotRecorded")]
    public static partial void CatalogNotRecorded(ILogger logger, Exception exception);

    [LoggerMessage(
        1105,
        LogLevel.Warning,
        "The grant {GrantId} is denied: its facts changed {Times} times in a row while it was decided",
        EventName = "Contention"
    )]
    public static partial void Contention(ILogger logger, Guid grantId, int times);

    [LoggerMessage(1106, LogLevel.Warning, "Policy failed to evaluate the grant {GrantId}: {Message}", EventName = "EvaluationFaulted")]
    public static partial void EvaluationFaulted(ILogger logger, Guid grantId, string message);

    [LoggerMessage(1107, LogLevel.Warning, "The grant {GrantId} waited too long in {State}: asking again", EventName = "GrantRedriven")]
    public static partial void Redriven(ILogger logger, Guid grantId, string state);

    [LoggerMessage(1108, LogLevel.Warning, "{Count} grants have waited too long", EventName = "RedriveFound")]
    public static partial void RedriveFound(ILogger logger, int count);

    [LoggerMessage(1109, LogLevel.Error, "Looking for grants that wait too long failed", EventName = "RedriveFailed")]
    public static partial void RedriveFailed(ILogger logger, Exception exception);

    [LoggerMessage(
        1110,
        LogLevel.Warning,
        "The access of grant {GrantId} can't be given: attempt {Attempt}, {Code}",
        EventName = "ActivationFailing"
    )]
    public static partial void ActivationFailing(ILogger logger, Guid grantId, int attempt, string code);

    [LoggerMessage(
        1111,
        LogLevel.Error,
        "The access of grant {GrantId} can't be taken away: attempt {Attempt}, {Code}",
        EventName = "RevokeFailing"
    )]
    public static partial void RevokeFailing(ILogger logger, Guid grantId, int attempt, string code);

    [LoggerMessage(
        1112,
        LogLevel.Error,
        "Issuance answered about a holding of {Entitlement} (revision {Revision}) that no ledger has",
        EventName = "UnknownHolding"
    )]
    public static partial void UnknownHolding(ILogger logger, string entitlement, long revision);

    [LoggerMessage(
        1113,
        LogLevel.Error,
        "Issuance's answer for {Entitlement} (revision {Revision}, direct {Direct}) contradicts what is desired",
        EventName = "AnswerContradicts"
    )]
    public static partial void AnswerContradicts(ILogger logger, string entitlement, long revision, bool direct);

    [LoggerMessage(1114, LogLevel.Error, "The grant {GrantId} has a deadline of the unknown kind {Kind}", EventName = "UnknownDeadline")]
    public static partial void UnknownDeadline(ILogger logger, Guid grantId, string kind);

    [LoggerMessage(1115, LogLevel.Warning, "Nobody reviewed the grant {GrantId} by {Due}", EventName = "ReviewMissed")]
    public static partial void ReviewMissed(ILogger logger, Guid grantId, DateTimeOffset due);

    [LoggerMessage(
        1116,
        LogLevel.Warning,
        "Emergency access is given by the grant {GrantId} to {Principal} until {Until}",
        EventName = "EmergencyAccess"
    )]
    public static partial void EmergencyAccess(ILogger logger, Guid grantId, string principal, DateTimeOffset until);

    [LoggerMessage(
        1117,
        LogLevel.Warning,
        "The sweep {Sweep} would take away {Forbidden} of {Total} active grants: it waits for an operator's word",
        EventName = "SweepHeld"
    )]
    public static partial void SweepHeld(ILogger logger, Guid sweep, int forbidden, int total);

    [LoggerMessage(1118, LogLevel.Information, "The sweep {Sweep} {What}", EventName = "SweepMoved")]
    public static partial void SweepMoved(ILogger logger, Guid sweep, string what);

    [LoggerMessage(
        1120,
        LogLevel.Warning,
        "A change of the ticket {System} {Key} is not believed: the catalog does not trust {Source} for tickets, or it was not verified",
        EventName = "TicketNotBelieved"
    )]
    public static partial void TicketNotBelieved(ILogger logger, string system, string key, string source);

    [LoggerMessage(
        1161,
        LogLevel.Warning,
        "A change of the ticket {System} {Key} by {Source} does not count ({EventId}): {Reason}",
        EventName = "TicketChangeIgnored"
    )]
    public static partial void TicketChangeIgnored(ILogger logger, string system, string key, string source, string eventId, string reason);

    [LoggerMessage(
        1162,
        LogLevel.Warning,
        "The ticket {System} {Key} is '{State}', says {Source}: nobody knows what that means, so it approves nothing",
        EventName = "TicketStateUnknown"
    )]
    public static partial void TicketStateUnknown(ILogger logger, string system, string key, string state, string source);

    [LoggerMessage(
        1121,
        LogLevel.Warning,
        "Issuance ended {Entitlement} (revision {Revision}) itself: its last lease was over and nobody had ended it",
        EventName = "EndedByIssuance"
    )]
    public static partial void EndedByIssuance(ILogger logger, string entitlement, long revision);

    [LoggerMessage(
        1164,
        LogLevel.Warning,
        "The access to {Entitlement} (revision {Revision}) that should be there is not: somebody took it away at the target. Without it are the grants {Grants}; retry one to give it again, or revoke it",
        EventName = "AccessTakenAwayAtTarget"
    )]
    public static partial void HoldingMissing(ILogger logger, string entitlement, long revision, string grants);

    [LoggerMessage(
        1163,
        LogLevel.Warning,
        "The access of grant {GrantId} on {Entitlement} is gone, and is still effective by another path: {Paths}",
        EventName = "EndedAndStillEffective"
    )]
    public static partial void StillEffective(ILogger logger, Guid grantId, string entitlement, string paths);

    [LoggerMessage(
        1160,
        LogLevel.Warning,
        "The clock of {Service} can't be right: it tells {Told}, {Outside} s outside of the time between asking and hearing. {Counted} counts for the grant {GrantId}",
        EventName = "ClocksDiffer"
    )]
    public static partial void ClocksDiffer(
        ILogger logger,
        string service,
        DateTimeOffset told,
        double outside,
        DateTimeOffset counted,
        Guid grantId
    );

    [LoggerMessage(
        1141,
        LogLevel.Warning,
        "The order {Revocation} takes away {Matched} of {Live} grants, {UnderWay} of which are on their way out",
        EventName = "RevocationOrdered"
    )]
    public static partial void RevocationOrdered(ILogger logger, Guid revocation, int matched, int live, int underWay);

    [LoggerMessage(
        1142,
        LogLevel.Information,
        "Everything that the order {Revocation} was about is over: {Gone} read back, {Prevented} never given",
        EventName = "RevocationFinished"
    )]
    public static partial void RevocationFinished(ILogger logger, Guid revocation, int gone, int prevented);

    [LoggerMessage(
        1143,
        LogLevel.Error,
        "The order {Revocation} could not end the grant {GrantId}; trying again",
        EventName = "RevocationStuck"
    )]
    public static partial void RevocationStuck(ILogger logger, Guid revocation, Guid grantId, Exception exception);

    [LoggerMessage(1144, LogLevel.Error, "Looking what operators' orders have left failed; trying again", EventName = "RevokerFailed")]
    public static partial void RevokerFailed(ILogger logger, Exception exception);

    [LoggerMessage(1131, LogLevel.Error, "Looking whose turn it is to be decided failed; trying again", EventName = "LineNotMoved")]
    public static partial void LineNotMoved(ILogger logger, Exception exception);

    [LoggerMessage(1119, LogLevel.Error, "The sweep of active grants could not go on; trying again", EventName = "SweepFailed")]
    public static partial void SweepFailed(ILogger logger, Exception exception);
}
