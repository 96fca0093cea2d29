using Microsoft.Extensions.Logging;

namespace Governance.EventStore;

// Event ids 1000-1099.
internal static partial class Log
{
    [LoggerMessage(
        1001,
        LogLevel.Error,
        "The relay of {Service} stands at event {Sequence} ({EventType}), which it can't translate",
        EventName = "RelayCannotTranslate"
    )]
    public static partial void CannotTranslate(ILogger logger, Exception exception, string service, long sequence, string eventType);

    [LoggerMessage(
        1002,
        LogLevel.Warning,
        "The subscription {Subscription} could not publish and tries again (attempt {Attempt}): {Reason}",
        EventName = "RelayPublishFailed"
    )]
    public static partial void PublishFailed(ILogger logger, string subscription, int attempt, string reason);

    [LoggerMessage(
        1003,
        LogLevel.Critical,
        "The subscription {Subscription} of {Service} leads, is at {Done} of {Highest}, and does not move: ending this process",
        EventName = "RelayStalled"
    )]
    public static partial void Stalled(ILogger logger, string service, string subscription, long done, long highest);

    [LoggerMessage(
        1008,
        LogLevel.Error,
        "The subscriptions of {Service} are held up at {Done} of {Highest} by {Holders}: end what holds them",
        EventName = "RelayHeldUp"
    )]
    public static partial void HeldUp(ILogger logger, string service, long done, long highest, string holders);

    [LoggerMessage(
        1004,
        LogLevel.Warning,
        "The progress of the subscriptions of {Service} can't be read",
        EventName = "RelayProgressUnknown"
    )]
    public static partial void ProgressUnknown(ILogger logger, Exception exception, string service);

    [LoggerMessage(
        1005,
        LogLevel.Error,
        "The subscriptions of {Service} stand at event {Sequence} ({EventType}), which can't be read",
        EventName = "RelayCannotRead"
    )]
    public static partial void CannotRead(ILogger logger, Exception exception, string service, long sequence, string eventType);

    [LoggerMessage(
        1006,
        LogLevel.Warning,
        "{Application} leads but did nothing for {Silence}: its leader lock is taken from it",
        EventName = "LeaderSilent"
    )]
    public static partial void LeaderSilent(ILogger logger, string application, TimeSpan silence);

    [LoggerMessage(
        1007,
        LogLevel.Information,
        "The subscription {Subscription} of {Service} has ended at {Position}, as when another leader overtakes it: it is started afresh when this process leads",
        EventName = "AgentDead"
    )]
    public static partial void AgentDead(ILogger logger, string service, string subscription, long position);
}
