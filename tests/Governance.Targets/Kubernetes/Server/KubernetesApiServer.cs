using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Governance.Targets.Kubernetes.Server;

/// <summary>
/// The part of a Kubernetes API server that is about RBAC and ServiceAccounts, over HTTPS with an authority of its own. It takes and
/// refuses what the real one does; comments name the upstream file where that surprises. The same specs run against a real one where
/// there is a container engine.
/// </summary>
public sealed partial class KubernetesApiServer : IAsyncDisposable
{
    private const int MaxBody = 3 * 1024 * 1024;

    private readonly WebServer _web;
    private readonly ApiStore _store = new();
    private readonly ApiAuthorizer _authorizer;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, (ApiUser User, string? Uid)> _tokens = new(StringComparer.Ordinal);

    private KubernetesApiServer()
    {
        _authorizer = new ApiAuthorizer(_store);
        _tokens[AdminToken] = (new ApiUser("admin", ["system:masters", "system:authenticated"]), null);
        _web = new WebServer(app => app.Run(AnswerAsync));
    }

    /// <summary>Bearer token of a member of <c>system:masters</c>.</summary>
    public string AdminToken { get; } = RandomNumberGenerator.GetHexString(64, lowercase: true);

    /// <summary>Where it is.</summary>
    public Uri Address => _web.Address;

    /// <summary>PEM of the authority that signed its certificate.</summary>
    public string Authority => _web.Authority;

    public static async Task<KubernetesApiServer> StartAsync()
    {
        var server = new KubernetesApiServer();
        await server._web.StartAsync();
        server.Bootstrap();
        return server;
    }

    /// <summary>Forgets all older versions, as etcd does every five minutes: tokens of listings that began before expire.</summary>
    public void Compact()
    {
        lock (_lock)
        {
            _store.Compact();
        }
    }

    /// <summary>Moves the clock that stamps answers.</summary>
    public TimeSpan ClockOffset { get; set; }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private DateTimeOffset Now => TimeProvider.System.GetUtcNow() + ClockOffset;

    private void Bootstrap()
    {
        foreach (var name in new[] { "default", "kube-system" })
        {
            _store.Write(ApiResource.Namespaces.Key(null, name), Filled(ApiResource.Namespaces, null, name, []));
        }

        var everything = JsonNode.Parse("""{"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}""")!.AsObject();
        _store.Write(
            ApiResource.ClusterRoles.Key(null, "cluster-admin"),
            Filled(ApiResource.ClusterRoles, null, "cluster-admin", everything)
        );
    }

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.Date = Now.ToString("R", CultureInfo.InvariantCulture);
        try
        {
            var user = Authenticate(context.Request);
            CheckTimeout(context.Request);
            var body = await ReadAsync(context.Request);
            if (context.Request.Path == "/apis/authorization.k8s.io/v1/subjectaccessreviews" && context.Request.Method == "POST")
            {
                await WriteAsync(context, 201, Review(user, body));
            }
            else if (context.Request.Path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" && context.Request.Method == "POST")
            {
                // Everybody who is authenticated may ask about himself (bootstrappolicy: system:basic-user).
                await WriteAsync(context, 201, SelfReview(user, body));
            }
            else if (ApiRequest.Parse(context.Request, user, body) is { } request)
            {
                JsonObject answer;
                lock (_lock)
                {
                    answer = Do(request);
                }

                await WriteAsync(context, request.Created ? 201 : 200, answer);
            }
            else
            {
                context.Response.StatusCode = 404;
                await context.Response.WriteAsync("404 page not found\n");
            }
        }
        catch (ApiFailure failure)
        {
            await WriteAsync(context, failure.Code, failure.ToStatus());
        }
    }

    private static Task WriteAsync(HttpContext context, int code, JsonObject answer)
    {
        context.Response.StatusCode = code;
        return context.Response.WriteAsJsonAsync(answer);
    }

    private ApiUser Authenticate(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.Ordinal) || !_tokens.TryGetValue(header["Bearer ".Length..], out var known))
        {
            throw ApiFailure.Unauthorized();
        }

        lock (_lock)
        {
            // A token is bound to its ServiceAccount's uid.
            if (
                known.Uid is { } uid
                && !_store.Now(ApiResource.ServiceAccounts.Prefix(null)).Any(account => account.Metadata().Member("uid") == uid)
            )
            {
                throw ApiFailure.Unauthorized();
            }
        }

        return known.User;
    }

    private static void CheckTimeout(HttpRequest request)
    {
        // endpoints/filters/request_deadline.go: a Go duration, or 400.
        if (request.Query["timeout"].ToString() is { Length: > 0 } timeout && !Duration.IsMatch(timeout))
        {
            throw ApiFailure.BadRequest("invalid timeout specified in the request URL");
        }
    }

    private static async Task<JsonObject> ReadAsync(HttpRequest request)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer);
        if (buffer.Length == 0)
        {
            return [];
        }

        if (buffer.Length > MaxBody)
        {
            throw new ApiFailure(413, "RequestEntityTooLarge", $"Request entity too large: limit is {MaxBody}");
        }

        if (request.ContentType is not "application/json")
        {
            throw ApiFailure.UnsupportedMediaType();
        }

        try
        {
            var strict = new JsonDocumentOptions { AllowDuplicateProperties = false };
            return JsonNode.Parse(buffer.ToArray(), null, strict) as JsonObject ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw ApiFailure.BadRequest("couldn't get version/kind; json parse error");
        }
    }

    private JsonObject Do(ApiRequest request)
    {
        var resource = request.Subresource.Length > 0 ? $"{request.Resource.Plural}/{request.Subresource}" : request.Resource.Plural;
        if (!_authorizer.Allows(request.User, request.Verb, request.Resource.Group, resource, request.Namespace, request.Name))
        {
            throw ApiFailure.Forbidden(
                request.Resource.Qualified,
                request.Name,
                $"User \"{request.User.Name}\" cannot {request.Verb} resource \"{resource}\" in API group \"{request.Resource.Group}\""
            );
        }

        return (request.Verb, request.Subresource) switch
        {
            ("get", "") => Found(request),
            ("list", "") => List(request),
            ("create", "") => Create(request),
            ("create", "token") when request.Resource == ApiResource.ServiceAccounts => Token(request),
            ("update", "") => Update(request),
            ("delete", "") => Delete(request),
            _ => throw ApiFailure.NotFound(request.Resource.Qualified, request.Name),
        };
    }

    private JsonObject Found(ApiRequest request) =>
        _store.Find(request.Key) is { } found
            ? WithType(request.Resource, found)
            : throw ApiFailure.NotFound(request.Resource.Qualified, request.Name);

    private JsonObject List(ApiRequest request)
    {
        var limit =
            int.TryParse(request.Query["limit"], CultureInfo.InvariantCulture, out var number) && number > 0 ? number : int.MaxValue;
        var revision = _store.Revision;
        var start = "";
        if (request.Query["continue"].ToString() is { Length: > 0 } text)
        {
            var place = ApiContinue.Parse(text);
            start = request.Resource.Prefix(null) + place.Start;
            if (place.Revision > 0 && place.Revision < _store.Compacted)
            {
                // storage/etcd3/errors.go: with a token that goes on at the same key with what is there by now.
                throw new ApiFailure(410, "Expired", "The provided continue parameter is too old to display a consistent list result.")
                {
                    Continue = (place with { Revision = -1 }).ToString(),
                };
            }

            revision = place.Revision > 0 ? place.Revision : revision;
        }

        var selector = request.Query["labelSelector"].ToString();
        var found = _store
            .At(request.Resource.Prefix(request.Namespace), revision)
            .Where(pair => string.CompareOrdinal(pair.Key, start) >= 0 && Selects(selector, pair.Value))
            .Take(limit == int.MaxValue ? limit : limit + 1)
            .ToList();
        var metadata = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture) };
        if (found.Count > limit)
        {
            // The next key is the one right behind the last: the same with a NUL.
            metadata["continue"] = new ApiContinue(
                revision,
                found[limit - 1].Key[request.Resource.Prefix(null).Length..] + "\0"
            ).ToString();
        }

        return new JsonObject
        {
            ["kind"] = request.Resource.Kind + "List",
            ["apiVersion"] = request.Resource.ApiVersion,
            ["metadata"] = metadata,
            ["items"] = new JsonArray([.. found.Take(limit).Select(pair => pair.Value.DeepClone())]),
        };
    }

    private JsonObject Create(ApiRequest request)
    {
        var value = Decode(request);
        var metadata = value.Metadata();
        if (metadata.Member("resourceVersion").Length > 0)
        {
            throw ApiFailure.BadRequest("resourceVersion should not be set on objects to be created");
        }

        return Add(request, value, metadata.Member("name"));
    }

    private JsonObject Add(ApiRequest request, JsonObject value, string name)
    {
        if (request.Namespace is { } space && _store.Find(ApiResource.Namespaces.Key(null, space)) is null)
        {
            throw ApiFailure.NotFound("namespaces", space);
        }

        CheckBinding(request, value);
        ApiValidation.Check(request.Resource, value);
        var key = request.Resource.Key(request.Namespace, name);
        if (_store.Find(key) is not null)
        {
            throw ApiFailure.AlreadyExists(request.Resource.Qualified, name);
        }

        var filled = Filled(request.Resource, request.Namespace, name, value);
        request.Created = true;
        _store.Write(key, filled);
        return WithType(request.Resource, filled);
    }

    private JsonObject Update(ApiRequest request)
    {
        var value = Decode(request);
        var metadata = value.Metadata();
        if (metadata.Member("name") != request.Name)
        {
            throw ApiFailure.BadRequest(
                $"the name of the object ({metadata.Member("name")}) does not match the name on the URL ({request.Name})"
            );
        }

        if (_store.Find(request.Key) is not { } old)
        {
            // registry/rest/update.go turns a uid into a precondition, which nothing that is not there can meet. Without one, RBAC objects
            // are created by PUT (AllowCreateOnUpdate in pkg/registry/rbac/rolebinding/strategy.go).
            return metadata.Member("uid").Length > 0
                ? throw ApiFailure.Conflict(request.Resource.Qualified, request.Name, "StorageError: invalid object, Code: 4")
                : Add(request, value, request.Name);
        }

        if (metadata.Member("uid") is { Length: > 0 } uid && uid != old.Metadata().Member("uid"))
        {
            throw ApiFailure.Conflict(request.Resource.Qualified, request.Name, "StorageError: invalid object, Code: 4");
        }

        if (metadata.Member("resourceVersion") is { Length: > 0 } version && version != old.Metadata().Member("resourceVersion"))
        {
            throw ApiFailure.Conflict(
                request.Resource.Qualified,
                request.Name,
                "the object has been modified; please apply your changes to the latest version and try again"
            );
        }

        CheckBinding(request, value);
        ApiValidation.Check(request.Resource, value);
        if (request.Resource.IsBinding && !JsonNode.DeepEquals(value["roleRef"], old["roleRef"]))
        {
            throw ApiFailure.Invalid(request.Resource.QualifiedKind, request.Name, "roleRef: Invalid value: cannot change roleRef");
        }

        var next = Updated(old, value);
        if (JsonNode.DeepEquals(next, old))
        {
            // etcd3's GuaranteedUpdate writes nothing when nothing changed, and the version stays.
            return WithType(request.Resource, old);
        }

        _store.Write(request.Key, next);
        return WithType(request.Resource, next);
    }

    private JsonObject Delete(ApiRequest request)
    {
        var old = _store.Find(request.Key) ?? throw ApiFailure.NotFound(request.Resource.Qualified, request.Name);
        foreach (var member in new[] { "uid", "resourceVersion" })
        {
            if (request.Body["preconditions"].Member(member) is { Length: > 0 } wanted && wanted != old.Metadata().Member(member))
            {
                throw ApiFailure.Conflict(request.Resource.Qualified, request.Name, $"Precondition failed: {member}");
            }
        }

        if (old.Metadata().Texts("finalizers").Length > 0)
        {
            var marked = old.DeepClone().AsObject();
            marked.Metadata()["deletionTimestamp"] = Timestamp();
            if (old.Metadata()["deletionTimestamp"] is null)
            {
                _store.Write(request.Key, marked);
            }

            return WithType(request.Resource, marked);
        }

        _store.Write(request.Key, null);
        if (request.Resource == ApiResource.Namespaces)
        {
            foreach (
                var (key, _) in ApiResource
                    .All.Where(r => r.Namespaced)
                    .SelectMany(r => _store.At(r.Prefix(request.Name), _store.Revision))
                    .ToList()
            )
            {
                _store.Write(key, null);
            }
        }

        return new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
        };
    }

    private JsonObject Token(ApiRequest request)
    {
        var account = Found(request);
        var token = RandomNumberGenerator.GetHexString(64, lowercase: true);
        string[] groups = ["system:serviceaccounts", $"system:serviceaccounts:{request.Namespace}", "system:authenticated"];
        request.Created = true;
        _tokens[token] = (
            new ApiUser($"system:serviceaccount:{request.Namespace}:{request.Name}", groups),
            account.Metadata().Member("uid")
        );
        return new JsonObject
        {
            ["kind"] = "TokenRequest",
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["status"] = new JsonObject { ["token"] = token },
        };
    }

    private JsonObject Review(ApiUser user, JsonObject body)
    {
        if (!user.IsMaster)
        {
            throw ApiFailure.Forbidden("subjectaccessreviews.authorization.k8s.io", "", "not an administrator");
        }

        var spec = body["spec"];
        return Review(new ApiUser(spec.Member("user"), spec.Texts("groups")), spec, "SubjectAccessReview");
    }

    private JsonObject SelfReview(ApiUser user, JsonObject body) =>
        body.Member("kind") == "SelfSubjectAccessReview" && body.Member("apiVersion") == "authorization.k8s.io/v1"
            ? Review(user, body["spec"], "SelfSubjectAccessReview")
            : throw ApiFailure.BadRequest("no kind is registered for this version, or it is not what is expected here");

    private JsonObject Review(ApiUser user, JsonNode? spec, string kind)
    {
        var asked = spec?["resourceAttributes"];
        var space = asked.Member("namespace");
        lock (_lock)
        {
            var allowed = _authorizer.Allows(
                user,
                asked.Member("verb"),
                asked.Member("group"),
                asked.Member("resource"),
                space.Length == 0 ? null : space,
                asked.Member("name")
            );
            return new JsonObject
            {
                ["kind"] = kind,
                ["status"] = new JsonObject { ["allowed"] = allowed },
            };
        }
    }

    private static JsonObject Decode(ApiRequest request)
    {
        var value = request.Body;
        if (value.Member("kind") != request.Resource.Kind || value.Member("apiVersion") != request.Resource.ApiVersion)
        {
            throw ApiFailure.BadRequest(
                $"no kind \"{value.Member("kind")}\" is registered for version \"{value.Member("apiVersion")}\", or it is not what is expected here"
            );
        }

        if (request.Query["fieldValidation"] == "Strict")
        {
            ApiValidation.CheckMembers(request.Resource, value);
        }

        value["metadata"] ??= new JsonObject();
        Default(value);
        if (value.Metadata().Member("namespace") is { Length: > 0 } space && space != request.Namespace)
        {
            throw ApiFailure.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        return value;
    }

    // pkg/apis/rbac/v1/defaults.go
    private static void Default(JsonObject value)
    {
        var subjects = (value["subjects"] as JsonArray ?? []).OfType<JsonObject>().Where(s => s.Member("kind") is "User" or "Group");
        foreach (var reference in subjects.Append(value["roleRef"] as JsonObject ?? []).Where(r => r.Member("apiGroup").Length == 0))
        {
            reference["apiGroup"] = ApiResource.Rbac;
        }
    }

    private void CheckBinding(ApiRequest request, JsonObject value)
    {
        if (request.Resource.IsBinding)
        {
            _authorizer.CheckBinding(request.User, request.Resource, request.Namespace, value);
        }
    }

    private JsonObject Filled(ApiResource resource, string? space, string name, JsonObject value)
    {
        var filled = Stored(value);
        var metadata = filled["metadata"] as JsonObject ?? [];
        filled["metadata"] = metadata;
        metadata["name"] = name;
        if (resource.Namespaced)
        {
            metadata["namespace"] = space;
        }

        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Timestamp();
        return filled;
    }

    private static JsonObject Updated(JsonObject old, JsonObject value)
    {
        var next = Stored(value);
        foreach (var member in new[] { "name", "namespace", "uid", "creationTimestamp", "resourceVersion", "deletionTimestamp" })
        {
            next.Metadata().Remove(member);
            if (old.Metadata()[member] is { } kept)
            {
                next.Metadata()[member] = kept.DeepClone();
            }
        }

        return next;
    }

    /// <summary>Without its type, which lists don't repeat, and without empty members, which the server leaves out.</summary>
    private static JsonObject Stored(JsonObject value)
    {
        var stored = value.DeepClone().AsObject();
        stored.Remove("kind");
        stored.Remove("apiVersion");
        if (stored["subjects"] is JsonArray { Count: 0 })
        {
            stored.Remove("subjects");
        }

        return stored;
    }

    private static JsonObject WithType(ApiResource resource, JsonObject value)
    {
        var typed = new JsonObject { ["kind"] = resource.Kind, ["apiVersion"] = resource.ApiVersion };
        foreach (var (name, member) in value)
        {
            typed[name] = member?.DeepClone();
        }

        return typed;
    }

    private static bool Selects(string selector, JsonObject value) =>
        selector
            .Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(term => term.Split('='))
            .All(term =>
                term is [var key, var wanted]
                    ? value.Metadata()["labels"].Member(key) == wanted
                    : throw ApiFailure.BadRequest("unable to parse requirement")
            );

    private string Timestamp() => Now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+\z", RegexOptions.ExplicitCapture, 100)]
    private static partial Regex Duration { get; }
}
