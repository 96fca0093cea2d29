namespace Governance.Intake;

// Event ids 2101-2199. Never a value of a message: ids and codes only.
internal static partial class Log
{
    [LoggerMessage(2101, LogLevel.Information, "Request {GrantId} received by {Via}", EventName = "RequestReceived")]
    public static partial void Received(ILogger logger, Guid grantId, string via);

    [LoggerMessage(2102, LogLevel.Information, "Request {GrantId} came again by {Via}", EventName = "RequestDuplicate")]
    public static partial void Duplicate(ILogger logger, Guid grantId, string via);

    [LoggerMessage(2103, LogLevel.Warning, "Message refused as {Code} by {Via}: refusal {RefusalId}", EventName = "RequestRefused")]
    public static partial void Refused(ILogger logger, string code, string via, Guid refusalId);

    [LoggerMessage(2104, LogLevel.Information, "Ticket change {ChangeId} received by {Via}", EventName = "TicketChangeReceived")]
    public static partial void TicketChangeReceived(ILogger logger, Guid changeId, string via);

    [LoggerMessage(2105, LogLevel.Information, "Ticket change {ChangeId} came again by {Via}", EventName = "TicketChangeDuplicate")]
    public static partial void TicketChangeDuplicate(ILogger logger, Guid changeId, string via);

    [LoggerMessage(
        2106,
        LogLevel.Warning,
        "Ticket change {ChangeId} closes a ticket and counts, but what it says beside that is wrong and was left out: {Members}",
        EventName = "TicketChangeLeftOut"
    )]
    public static partial void TicketChangeLeftOut(ILogger logger, Guid changeId, string members);

    [LoggerMessage(2110, LogLevel.Information, "Taking requests from {Queue}", EventName = "ConsumerAttached")]
    public static partial void Attached(ILogger logger, string queue);

    [LoggerMessage(2111, LogLevel.Warning, "Taking no requests from {Queue}: {Reason}", EventName = "ConsumerDetached")]
    public static partial void Detached(ILogger logger, Exception? exception, string queue, string reason);

    [LoggerMessage(
        2112,
        LogLevel.Warning,
        "A message is held, since something it needs is away; attempt {Attempt}, next in {Pause}",
        EventName = "RequestHeld"
    )]
    public static partial void Held(ILogger logger, Exception exception, int attempt, TimeSpan pause);

    [LoggerMessage(2113, LogLevel.Error, "A message could not be processed; attempt {Attempt}", EventName = "RequestFailed")]
    public static partial void Failed(ILogger logger, Exception exception, int attempt);

    [LoggerMessage(2114, LogLevel.Warning, "A message was not settled and comes again", EventName = "RequestUnsettled")]
    public static partial void Unsettled(ILogger logger, Exception exception);

    [LoggerMessage(
        2115,
        LogLevel.Warning,
        "A request by HTTP has to be sent again, since something it needs is away",
        EventName = "RequestUnavailable"
    )]
    public static partial void Unavailable(ILogger logger, Exception exception);

    [LoggerMessage(
        2116,
        LogLevel.Warning,
        "Who proves to be which source could not be kept: repeats are not recognised while Lifecycle is away",
        EventName = "SourcesNotKept"
    )]
    public static partial void SourcesNotKept(ILogger logger, Exception exception);
}
