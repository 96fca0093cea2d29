using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Targets.Http;
using Governance.Testing;
using Microsoft.AspNetCore.Http;
using NJsonSchema;

namespace Governance.Targets.Webhook;

/// <summary>A receiver as docs/webhook.md asks for. It takes nothing that the published schemas don't, and answers as they say.</summary>
internal sealed class WebhookServer : ITargetServer
{
    public const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private const int MaxBody = 20_000;
    private const int PageSize = 3;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _accounts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _privileges = new(StringComparer.Ordinal);
    private readonly SortedSet<(string Account, string Privilege)> _held = [];
    private readonly Dictionary<(string Account, string Privilege, string Holder), long> _fence = [];
    private readonly List<string> _complaints = [];
    private readonly List<string> _requests = [];
    private KestrelServer _server = null!;
    private JsonSchema _desired = null!;
    private JsonSchema _question = null!;
    private JsonSchema _answer = null!;

    private WebhookServer() { }

    public int Port => _server.Port;

    public WebhookVerifier Verifier { get; set; } = new(TimeProvider.System, Secret);

    /// <summary>Answers in place of the receiver, which has verified the request.</summary>
    public Func<HttpContext, string, Task<bool>>? Instead { get; set; }

    /// <summary>What a sender did wrong.</summary>
    public IReadOnlyList<string> Complaints
    {
        get
        {
            lock (_lock)
            {
                return [.. _complaints];
            }
        }
    }

    /// <summary>Method and payload of each request.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    public static async Task<WebhookServer> StartAsync()
    {
        var server = new WebhookServer
        {
            _desired = await SchemaAsync("holding-desired"),
            _question = await SchemaAsync("holding-question"),
            _answer = await SchemaAsync("holding-answer"),
        };
        server._server = await KestrelServer.StartAsync(server.HandleAsync);
        return server;
    }

    public static Task<JsonSchema> SchemaAsync(string name) =>
        JsonSchema.FromFileAsync(RepositoryRoot.File("contracts", "schemas", name + ".v1.schema.json"));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    public void Forgive() => Locked(_complaints.Clear);

    public void CreateAccount(string name) => Locked(() => _accounts.Add(name));

    public void CreatePrivilege(string name) => Locked(() => _privileges.Add(name));

    public void DropAccount(string name) =>
        Locked(() =>
        {
            _accounts.Remove(name);
            _held.RemoveWhere(one => one.Account == name);
        });

    public void DropPrivilege(string name) =>
        Locked(() =>
        {
            _privileges.Remove(name);
            _held.RemoveWhere(one => one.Privilege == name);
        });

    public void Give(string account, string privilege) => Locked(() => _held.Add((account, privilege)));

    public void Take(string account, string privilege) => Locked(() => _held.Remove((account, privilege)));

    public bool Has(string account, string privilege)
    {
        lock (_lock)
        {
            return _held.Contains((account, privilege));
        }
    }

    public IReadOnlyList<HeldAccess> All()
    {
        lock (_lock)
        {
            return [.. _held.Select(one => new HeldAccess(one.Account, one.Privilege))];
        }
    }

    public static JsonObject Problem(string id, string code) =>
        new()
        {
            ["type"] = "governance.holding.problem.v1",
            ["answers"] = id,
            ["code"] = code,
        };

    private async Task HandleAsync(HttpContext context)
    {
        try
        {
            var (post, payload) = await PayloadAsync(context.Request);
            Locked(() => _requests.Add(context.Request.Method + " " + Encoding.UTF8.GetString(payload)));
            var refusal = Verifier.Verify(context.Request.Headers, payload);
            Check(refusal is null, 401, refusal);
            var text = Encoding.UTF8.GetString(payload);
            var errors = (post ? _desired : _question).Validate(text);
            Check(errors.Count == 0, 400, string.Join("; ", errors));
            if (Instead is { } instead && await instead(context, text))
            {
                return;
            }

            var id = context.Request.Headers["webhook-id"].ToString();
            var message = JsonNode.Parse(text)!["data"]!;
            var (status, answer) = post ? Apply(id, message) : Answer(id, JsonNode.Parse(text)!["type"]!.GetValue<string>(), message);
            await AnswerAsync(context, status, answer);
        }
        catch (Refusal refusal)
        {
            Locked(() => _complaints.Add($"{context.Request.Method} {context.Request.Path}: {refusal.Message}"));
            context.Response.StatusCode = refusal.Status;
        }
    }

    private static async Task<(bool Post, byte[] Payload)> PayloadAsync(HttpRequest request)
    {
        Check(request.Headers.Accept == "application/json", 406, "Accept");
        if (HttpMethods.IsGet(request.Method))
        {
            Check(request.Path == "/state" && request.ContentLength is null or 0, 404, "path");
            Check(request.Query["tenant"] == "a b", 404, "the address's own query");
            Check(request.Query["payload"].Count == 1, 400, "payload");
            return (false, Encoding.UTF8.GetBytes(request.Query["payload"].ToString()));
        }

        Check(HttpMethods.IsPost(request.Method) && request.Path == "/holdings", 404, "path");
        Check(request.ContentType == "application/json", 415, "content type " + request.ContentType);
        Check(request.ContentLength is > 0 and < MaxBody, 413, "length");
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        return (true, body.ToArray());
    }

    private (int Status, JsonObject? Answer) Apply(string id, JsonNode data)
    {
        var (account, privilege) = (data["account"]!.GetValue<string>(), data["privilege"]!.GetValue<string>());
        var place = (account, privilege, data["holder"]!.GetValue<string>());
        var revision = data["revision"]!.GetValue<long>();
        lock (_lock)
        {
            if (Unknown(id, account, privilege) is { } unknown)
            {
                return unknown;
            }

            var known = _fence.GetValueOrDefault(place);
            if (revision < known)
            {
                var problem = Problem(id, "higher-revision");
                problem["revision"] = known;
                return (409, problem);
            }

            _fence[place] = revision;
            _ = data["wanted"]!.GetValue<bool>() ? _held.Add((account, privilege)) : _held.Remove((account, privilege));
            return (204, null);
        }
    }

    private (int Status, JsonObject Answer) Answer(string id, string type, JsonNode data)
    {
        lock (_lock)
        {
            if (type == "governance.holding.list.v1")
            {
                return (200, Page(id, data["page"]?.GetValue<string>()));
            }

            var (account, privilege) = (data["account"]!.GetValue<string>(), data["privilege"]!.GetValue<string>());
            return Unknown(id, account, privilege)
                ?? (
                    200,
                    new JsonObject
                    {
                        ["type"] = "governance.holding.state.v1",
                        ["answers"] = id,
                        ["account"] = account,
                        ["privilege"] = privilege,
                        ["held"] = _held.Contains((account, privilege)),
                    }
                );
        }
    }

    private JsonObject Page(string id, string? after)
    {
        var key = after is null ? null : JsonSerializer.Deserialize<string[]>(Convert.FromBase64String(after));
        var rest = _held.Where(one => key is null || one.CompareTo((key[0], key[1])) > 0).ToList();
        var page = new JsonObject
        {
            ["type"] = "governance.holding.page.v1",
            ["answers"] = id,
            ["items"] = new JsonArray([
                .. rest.Take(PageSize).Select(one => new JsonObject { ["account"] = one.Account, ["privilege"] = one.Privilege }),
            ]),
        };
        if (rest.Count > PageSize)
        {
            string[] last = [rest[PageSize - 1].Account, rest[PageSize - 1].Privilege];
            page["next"] = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(last));
        }

        return page;
    }

    private (int, JsonObject)? Unknown(string id, string account, string privilege) =>
        !_accounts.Contains(account) ? (404, Problem(id, "unknown-account"))
        : !_privileges.Contains(privilege) ? (404, Problem(id, "unknown-privilege"))
        : null;

    private async Task AnswerAsync(HttpContext context, int status, JsonObject? answer)
    {
        context.Response.StatusCode = status;
        if (answer is not null)
        {
            var text = answer.ToJsonString();
            Check(_answer.Validate(text).Count == 0, 500, "its own answer");
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(text);
        }
    }

    private void Locked(Action action)
    {
        lock (_lock)
        {
            action();
        }
    }

    private static void Check(bool holds, int status, string? complaint)
    {
        if (!holds)
        {
            throw new Refusal(status, complaint!);
        }
    }

    private sealed class Refusal(int status, string complaint) : Exception(complaint)
    {
        public int Status => status;
    }
}
