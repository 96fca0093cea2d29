using System.Net;
using System.Text.Json.Nodes;

namespace Governance.Connectors.Kubernetes;

/// <summary>What the API server said.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The object, or the Status that says why not; empty when it could not be read.</param>
/// <param name="RetryAfter">For how long it wants to be left alone; null when it does not say.</param>
internal sealed record KubernetesAnswer(HttpStatusCode Status, JsonObject Body, TimeSpan? RetryAfter)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>The machine-readable reason of a failure, as <c>NotFound</c>; never its text, which may hold addresses of webhooks.</summary>
    public string Reason =>
        Body.Text("reason") is { Length: > 0 and <= 64 } reason && reason.All(char.IsAsciiLetter) ? reason : "no reason";

    // The record's own would show the body.
    public override string ToString() => $"HTTP {(int)Status} {Reason}";
}
