using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Governance.Targets.Kubernetes.Server;

/// <summary>A request for a resource, taken apart.</summary>
internal sealed record ApiRequest(
    ApiUser User,
    string Verb,
    ApiResource Resource,
    string? Namespace,
    string Name,
    string Subresource,
    IQueryCollection Query,
    JsonObject Body
)
{
    /// <summary>It made something that was not there.</summary>
    public bool Created { get; set; }

    /// <summary>Reads the path; null when the server has no such path.</summary>
    public static ApiRequest? Parse(HttpRequest request, ApiUser user, JsonObject body)
    {
        string[] path = [.. request.Path.Value!.Split('/', StringSplitOptions.None).Skip(1)];
        var (group, rest) = path switch
        {
            ["api", "v1", .. var core] => ("", core),
            ["apis", var named, "v1", .. var others] => (named, others),
            _ => ("", []),
        };
        string? space = null;
        if (rest is ["namespaces", var inside, _, ..])
        {
            space = inside;
            rest = rest[2..];
        }

        var resource = ApiResource.All.SingleOrDefault(known => known.Group == group && known.Plural == rest.FirstOrDefault());
        var name = rest.ElementAtOrDefault(1) ?? "";
        if (
            resource is null
            || rest.Length > 3
            || (space is not null && !resource.Namespaced)
            || (name.Length > 0 && resource.Namespaced && space is null)
        )
        {
            return null;
        }

        var verb = (request.Method, name.Length > 0) switch
        {
            ("GET", true) => "get",
            ("GET", false) => "list",
            ("POST", false) when space is not null || !resource.Namespaced => "create",
            ("POST", true) when rest.Length == 3 => "create",
            ("PUT", true) => "update",
            ("DELETE", true) => "delete",
            _ => throw ApiFailure.MethodNotAllowed(),
        };
        return new(user, verb, resource, space, name, rest.ElementAtOrDefault(2) ?? "", request.Query, body);
    }

    public string Key => Resource.Key(Namespace, Name);
}
