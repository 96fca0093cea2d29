namespace Governance.Issuance;

// Event ids 4000-4299.
internal static partial class Log
{
    [LoggerMessage(
        4001,
        LogLevel.Warning,
        "Attempt {Attempt} at {Target} for {Principal} on {Entitlement}, revision {Revision}, failed with {Code}: {Reason}; next at {Next:o}",
        EventName = "HoldingFailed"
    )]
    public static partial void HoldingFailed(
        this ILogger logger,
        int attempt,
        string target,
        string principal,
        string entitlement,
        long revision,
        string code,
        string reason,
        DateTimeOffset next
    );

    [LoggerMessage(
        4002,
        LogLevel.Information,
        "{Principal} on {Entitlement}, revision {Revision}: {Target} shows it {State} as it should be",
        EventName = "HoldingObserved"
    )]
    public static partial void HoldingObserved(
        this ILogger logger,
        string principal,
        string entitlement,
        long revision,
        string target,
        string state
    );

    [LoggerMessage(
        4003,
        LogLevel.Warning,
        "{Principal} on {Entitlement}, revision {Revision}, is no longer direct at {Target}, but still effective by: {Paths}",
        EventName = "HoldingStillEffective"
    )]
    public static partial void StillEffective(
        this ILogger logger,
        string principal,
        string entitlement,
        long revision,
        string target,
        string paths
    );

    [LoggerMessage(
        4004,
        LogLevel.Warning,
        "The result of an attempt for {Principal} on {Entitlement}, revision {Revision}, came after its hard end and is dropped",
        EventName = "ClaimLost"
    )]
    public static partial void ClaimLost(this ILogger logger, string principal, string entitlement, long revision);

    [LoggerMessage(
        4005,
        LogLevel.Error,
        "An attempt for {Principal} on {Entitlement} ended with an unexpected {Type}",
        EventName = "AttemptBroke"
    )]
    public static partial void AttemptBroke(this ILogger logger, string principal, string entitlement, string type);

    [LoggerMessage(
        4006,
        LogLevel.Warning,
        "The loop of target {Target} can't read its holdings and goes on in a moment",
        EventName = "LoopInterrupted"
    )]
    public static partial void LoopInterrupted(this ILogger logger, Exception exception, string target);

    [LoggerMessage(
        4007,
        LogLevel.Warning,
        "An answer for {Principal} on {Entitlement} was not taken and will be published again",
        EventName = "AnswerNotTaken"
    )]
    public static partial void AnswerNotTaken(this ILogger logger, Exception exception, string principal, string entitlement);

    [LoggerMessage(4008, LogLevel.Warning, "Answers can't be read and will be in a moment", EventName = "AnswersInterrupted")]
    public static partial void AnswersInterrupted(this ILogger logger, Exception exception);

    [LoggerMessage(
        4016,
        LogLevel.Warning,
        "{Count} answers that were taken are not marked so, and will be published again",
        EventName = "AnswersNotMarked"
    )]
    public static partial void AnswersNotMarked(this ILogger logger, Exception exception, int count);

    [LoggerMessage(4009, LogLevel.Warning, "Not listening for new holdings; polling goes on", EventName = "ListenerInterrupted")]
    public static partial void ListenerInterrupted(this ILogger logger, Exception exception);

    [LoggerMessage(4010, LogLevel.Warning, "The table of holdings can't be made ready yet", EventName = "TableNotReady")]
    public static partial void TableNotReady(this ILogger logger, Exception exception);

    [LoggerMessage(4011, LogLevel.Warning, "Figures about holdings can't be read", EventName = "GaugesInterrupted")]
    public static partial void GaugesInterrupted(this ILogger logger, Exception exception);

    [LoggerMessage(
        4013,
        LogLevel.Warning,
        "Target {Target} failed too often and is left alone for {Duration}",
        EventName = "CircuitOpened"
    )]
    public static partial void CircuitOpened(this ILogger logger, string target, TimeSpan duration);

    [LoggerMessage(
        4015,
        LogLevel.Warning,
        "{Principal} on {Entitlement}, revision {Revision}, was taken away at {Target} although it is desired: its last lease is long over",
        EventName = "HoldingOverdue"
    )]
    public static partial void HoldingOverdue(this ILogger logger, string principal, string entitlement, long revision, string target);

    [LoggerMessage(
        4031,
        LogLevel.Warning,
        "The clock of the database went back: {Count} holdings whose removal or answer was put off by that are due now",
        EventName = "DatabaseClockWentBack"
    )]
    public static partial void ClockWentBack(this ILogger logger, int count);

    [LoggerMessage(
        4017,
        LogLevel.Warning,
        "Another target answers at {Target} than the one that was accepted: nothing is given there, and nothing counts as gone, until an operator accepts it",
        EventName = "TargetChanged"
    )]
    public static partial void TargetChanged(this ILogger logger, string target);

    [LoggerMessage(
        4018,
        LogLevel.Warning,
        "Nothing is given at {Target}, since it could not be taken away again: {Reason}",
        EventName = "TargetNotRemovable"
    )]
    public static partial void TargetNotRemovable(this ILogger logger, string target, string reason);

    [LoggerMessage(
        4019,
        LogLevel.Warning,
        "At {Target}, {Privilege} is not given to {Account}, since it could not be taken away again: {Reason}",
        EventName = "PlaceNotRemovable"
    )]
    public static partial void PlaceNotRemovable(this ILogger logger, string target, string account, string privilege, string reason);

    [LoggerMessage(
        4020,
        LogLevel.Warning,
        "Target {Target} can't be looked at ({Code}): {Reason}; what was known of it still holds",
        EventName = "PreflightFailed"
    )]
    public static partial void PreflightFailed(this ILogger logger, string target, string code, string reason);

    [LoggerMessage(4021, LogLevel.Information, "Access is given at {Target} again", EventName = "TargetFree")]
    public static partial void TargetFree(this ILogger logger, string target);

    [LoggerMessage(
        4022,
        LogLevel.Information,
        "The target that answers at {Target} was accepted by {By}: {Holdings} holdings are read back from it",
        EventName = "TargetAccepted"
    )]
    public static partial void TargetAccepted(this ILogger logger, string target, string by, long holdings);

    [LoggerMessage(
        4023,
        LogLevel.Warning,
        "Looking at target {Target} ended with {Type}; it is looked at again",
        EventName = "TargetCheckInterrupted"
    )]
    public static partial void CheckInterrupted(this ILogger logger, string target, string type);

    [LoggerMessage(4024, LogLevel.Information, "{Holdings} holdings are tried again now, as asked", EventName = "HoldingsRetried")]
    public static partial void HoldingsRetried(this ILogger logger, int holdings);

    [LoggerMessage(
        4025,
        LogLevel.Warning,
        "{Principal} on {Entitlement}, revision {Revision}, is there at {Target}, but narrowed: {Narrowed}",
        EventName = "HoldingNarrowed"
    )]
    public static partial void Narrowed(
        this ILogger logger,
        string principal,
        string entitlement,
        long revision,
        string target,
        string narrowed
    );

    [LoggerMessage(
        4026,
        LogLevel.Warning,
        "{Principal} on {Entitlement}, revision {Revision}, should be there at {Target} and is not: somebody took it away there. Without it: {Grants}",
        EventName = "HoldingMissing"
    )]
    public static partial void HoldingMissing(
        this ILogger logger,
        string principal,
        string entitlement,
        long revision,
        string target,
        string grants
    );

    [LoggerMessage(
        4027,
        LogLevel.Warning,
        "What is at target {Target} can't be read again and will be in a moment",
        EventName = "DriftReaderInterrupted"
    )]
    public static partial void DriftReaderInterrupted(this ILogger logger, Exception exception, string target);

    [LoggerMessage(4014, LogLevel.Information, "Target {Target} works again", EventName = "CircuitClosed")]
    public static partial void CircuitClosed(this ILogger logger, string target);

    [LoggerMessage(
        4012,
        LogLevel.Warning,
        "The result of an attempt for {Principal} on {Entitlement} can't be written; it is made again after its hard end",
        EventName = "ResultNotWritten"
    )]
    public static partial void ResultNotWritten(this ILogger logger, Exception exception, string principal, string entitlement);
}
