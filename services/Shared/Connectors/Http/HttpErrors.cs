using System.Net;
using System.Net.Sockets;

namespace Governance.Connectors.Http;

/// <summary>Turns what the HTTP client throws, and answers that mean the same for every protocol, into what may leave a connector.</summary>
internal static class HttpErrors
{
    public static bool IsOfTheTarget(Exception exception) => exception is HttpRequestException or IOException or SocketException;

    public static ConnectorException Translate(Exception exception, bool sent) =>
        Find<AddressRefusedException>(exception) is { } refused ? new(ConnectorErrors.Refused, refused.Message)
        : exception is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }
            ? new(ConnectorErrors.Unreachable, "No secure connection to the target: its certificate is not trusted, or it speaks no TLS.")
        : exception is HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }
            ? new(ConnectorErrors.Error, "The target's answer is larger than it may be.", sent)
        : new(
            ConnectorErrors.Unreachable,
            sent ? "The connection to the target broke after the change was sent." : "The target can't be reached.",
            sent,
            isTransient: true
        );

    public static ConnectorException TimedOut(bool sent) => new(ConnectorErrors.Timeout, "The target did not answer in time.", sent);

    public static ConnectorException TooLarge(bool sent) =>
        new(ConnectorErrors.Error, "The target's answer is larger than it may be.", sent);

    /// <summary>What an answer other than success means where the protocol says nothing more special.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="change">It answers a request to change something, and came from behind the place where that is done.</param>
    public static ConnectorException FromStatus(HttpStatusCode status, bool change) =>
        (int)status switch
        {
            >= 300 and <= 399 => new(ConnectorErrors.Refused, Say(status, "it points elsewhere, which is never followed")),
            401 or 403 or 407 => new(ConnectorErrors.Refused, Say(status, "it refuses the suite's credentials or rights")),
            408 or 504 => new(ConnectorErrors.Timeout, Say(status, "it was too slow"), change, isTransient: !change),
            429 => new(ConnectorErrors.Error, Say(status, "it limits how often it is asked")),
            >= 500 => new(ConnectorErrors.Unreachable, Say(status, "it is in trouble"), change, isTransient: !change),
            >= 400 => new(ConnectorErrors.Refused, Say(status, "it does not take the request")),
            _ => new(ConnectorErrors.Error, Say(status, "the protocol has no such answer here"), change),
        };

    private static string Say(HttpStatusCode status, string meaning) =>
        FormattableString.Invariant($"The target answered {(int)status}: {meaning}.");

    private static T? Find<T>(Exception? exception)
        where T : Exception
    {
        while (exception is not null and not T)
        {
            exception = exception.InnerException;
        }

        return (T?)exception;
    }
}
