using System.Net;
using System.Security.Authentication;
using Governance.Connectors.Http;

namespace Governance.Connectors.Kubernetes;

/// <summary>Turns answers and what HttpClient throws into what may leave the connector.</summary>
internal static class KubernetesErrors
{
    /// <summary>The server's answer says for certain that it changed nothing.</summary>
    public static bool ChangedNothing(KubernetesAnswer answer) => (int)answer.Status is >= 400 and < 500;

    public static ConnectorException Translate(KubernetesAnswer answer, bool mayHaveHappened) =>
        answer.Status switch
        {
            HttpStatusCode.Unauthorized => new(
                ConnectorErrors.Refused,
                $"The target refused the suite's credentials: {answer}",
                mayHaveHappened
            ),
            HttpStatusCode.Forbidden => new(ConnectorErrors.Refused, $"The target refused: {answer}", mayHaveHappened),
            HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest => new(
                ConnectorErrors.Refused,
                $"The target takes no such object: {answer}",
                mayHaveHappened
            ),
            HttpStatusCode.TooManyRequests => new(
                ConnectorErrors.Error,
                $"The target limits how often it is asked: {answer}",
                mayHaveHappened
            ),
            HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway => new(
                ConnectorErrors.Unreachable,
                $"The target is too busy or not ready: {answer}",
                mayHaveHappened,
                isTransient: true
            ),
            HttpStatusCode.GatewayTimeout or HttpStatusCode.RequestTimeout => new(
                ConnectorErrors.Timeout,
                $"The target did not do it in time: {answer}",
                mayHaveHappened
            ),
            HttpStatusCode.Conflict => new(
                ConnectorErrors.Error,
                $"Somebody else changed it at the same time: {answer}",
                mayHaveHappened,
                isTransient: true
            ),
            >= HttpStatusCode.Ambiguous and < HttpStatusCode.BadRequest => new(
                ConnectorErrors.Error,
                $"The target answered with a redirect, which is not followed: {answer}",
                mayHaveHappened
            ),
            >= HttpStatusCode.InternalServerError => new(
                ConnectorErrors.Error,
                $"The target failed: {answer}",
                mayHaveHappened,
                isTransient: true
            ),
            _ => new(ConnectorErrors.Error, $"The target gave an answer that is not understood: {answer}", mayHaveHappened),
        };

    public static ConnectorException Translate(HttpRequestException exception, bool mayHaveHappened) =>
        exception is { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: not AuthenticationException }
            ? new(ConnectorErrors.Unreachable, "The target can't be reached.", mayHaveHappened, isTransient: true)
            : HttpErrors.Translate(exception, mayHaveHappened);
}
