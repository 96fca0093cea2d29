namespace Governance.Expiry;

internal static partial class Log
{
    [LoggerMessage(
        EventId = 5001,
        EventName = "DeadlinesUnacknowledged",
        Level = LogLevel.Warning,
        Message = "{Count} deadline(s) fired and were not acknowledged within {AlertAfter}; the oldest is {Kind} of grant {GrantId}, first fired at {FirstFiredAt:o}. They keep firing."
    )]
    public static partial void DeadlinesUnacknowledged(
        this ILogger logger,
        long count,
        TimeSpan alertAfter,
        string kind,
        Guid grantId,
        DateTimeOffset firstFiredAt
    );

    [LoggerMessage(
        EventId = 5002,
        EventName = "FiringFailed",
        Level = LogLevel.Warning,
        Message = "{Failed} of {Claimed} due deadlines could not be published; they stay due and are tried again."
    )]
    public static partial void FiringFailed(this ILogger logger, Exception exception, int failed, int claimed);

    [LoggerMessage(
        EventId = 5003,
        EventName = "FiringLoopFailed",
        Level = LogLevel.Warning,
        Message = "Looking for due deadlines failed; trying again."
    )]
    public static partial void FiringLoopFailed(this ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 5005,
        EventName = "ListeningFailed",
        Level = LogLevel.Warning,
        Message = "Listening for new deadlines failed; until it works again they are found by polling."
    )]
    public static partial void ListeningFailed(this ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 5006,
        EventName = "SurveyFailed",
        Level = LogLevel.Warning,
        Message = "The survey of deadlines failed; trying again."
    )]
    public static partial void SurveyFailed(this ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 5007,
        EventName = "MigrationFailed",
        Level = LogLevel.Warning,
        Message = "The schema could not be prepared; trying again."
    )]
    public static partial void MigrationFailed(this ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 5008,
        EventName = "ClockWentBack",
        Level = LogLevel.Warning,
        Message = "{Count} repeat(s) lay further ahead than any can: the clock went back. They fire now."
    )]
    public static partial void ClockWentBack(this ILogger logger, int count);

    [LoggerMessage(
        EventId = 5009,
        EventName = "SchemaMigrated",
        Level = LogLevel.Information,
        Message = "Applied the schema's step {Step}."
    )]
    public static partial void SchemaMigrated(this ILogger logger, string step);
}
