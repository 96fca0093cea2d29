using System.Text.Json.Nodes;

namespace Governance.Targets.Kubernetes.Server;

/// <summary>A metav1.Status of kind Failure, in the words of apimachinery's <c>pkg/api/errors</c>.</summary>
internal sealed class ApiFailure(int code, string reason, string message) : Exception(message)
{
    public int Code => code;

    public string? Continue { get; init; }

    public static ApiFailure BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiFailure Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static ApiFailure Forbidden(string resource, string name, string why) =>
        new(403, "Forbidden", $"{resource} \"{name}\" is forbidden: {why}");

    public static ApiFailure NotFound(string resource, string name) => new(404, "NotFound", $"{resource} \"{name}\" not found");

    public static ApiFailure MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");

    public static ApiFailure AlreadyExists(string resource, string name) =>
        new(409, "AlreadyExists", $"{resource} \"{name}\" already exists");

    public static ApiFailure Conflict(string resource, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {resource} \"{name}\": {why}");

    public static ApiFailure UnsupportedMediaType() =>
        new(
            415,
            "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: application/json"
        );

    public static ApiFailure Invalid(string kind, string name, string why) => new(422, "Invalid", $"{kind} \"{name}\" is invalid: {why}");

    public JsonObject ToStatus() =>
        new()
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = Continue is null ? new JsonObject() : new JsonObject { ["continue"] = Continue },
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = reason,
            ["code"] = code,
        };
}
