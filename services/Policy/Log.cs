namespace Governance.Policy;

// Event ids 1200-1299.
internal static partial class Log
{
    [LoggerMessage(
        1201,
        LogLevel.Information,
        "The bundle {Bundle} with {Policies} policies is stored and activated (activation {Activation})",
        EventName = "BundleActivated"
    )]
    public static partial void BundleActivated(ILogger logger, string bundle, int policies, long activation);

    [LoggerMessage(1202, LogLevel.Error, "The bundle is refused whole and the old one stays: {Fault}", EventName = "BundleRefused")]
    public static partial void BundleRefused(ILogger logger, string fault);

    [LoggerMessage(
        1203,
        LogLevel.Warning,
        "The bundle could not be stored or announced; trying again: {Reason}",
        EventName = "BundleNotAnnounced"
    )]
    public static partial void BundleNotAnnounced(ILogger logger, string reason);
}
