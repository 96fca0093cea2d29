using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Governance.Targets.Http;
using Microsoft.AspNetCore.Http;

namespace Governance.Targets.Scim;

/// <summary>A SCIM 2.0 service provider that takes nothing that RFC 7643 and 7644 don't allow, and keeps what it had to refuse.</summary>
internal sealed partial class ScimServer : ITargetServer
{
    public const string Token = "sc1m.Token-of_the~suite+0123/456789==";

    private const string List = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
    private const string Patch = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    private const string Fault = "urn:ietf:params:scim:api:messages:2.0:Error";

    private readonly Lock _lock = new();
    private readonly List<User> _users = [];
    private readonly List<Group> _groups = [];
    private readonly List<string> _complaints = [];
    private readonly List<string> _requests = [];
    private readonly List<int> _changes = [];
    private List<Group>? _seen;
    private KestrelServer _server = null!;
    private int _ids;

    private ScimServer() { }

    public int Port => _server.Port;

    public string Url => $"http://127.0.0.1:{Port}/scim/v2";

    /// <summary>Takes <c>members[value eq "id"]</c>.</summary>
    public bool TakesPath { get; set; } = true;

    /// <summary>Takes a value beside the path of a removal.</summary>
    public bool TakesValue { get; set; }

    /// <summary>Reads a removal with path <c>members</c> by the letter, which is the removal of all.</summary>
    public bool RemovesAllByValue { get; set; }

    /// <summary>Takes <c>Add</c> and <c>Remove</c> only.</summary>
    public bool WantsCapitals { get; set; }

    public bool Filters { get; set; } = true;

    /// <summary>Answers a filter as if there had been none.</summary>
    public bool IgnoresFilters { get; set; }

    /// <summary>Returns a group's members.</summary>
    public bool ReturnsMembers { get; set; } = true;

    /// <summary>How many of a group's members it returns at most, without a word that there are more.</summary>
    public int MembersShown { get; set; } = int.MaxValue;

    /// <summary>Returns a user's groups.</summary>
    public bool ReturnsGroups { get; set; } = true;

    /// <summary>What it makes of a filter on members.</summary>
    public MemberFilter FilterOnMembers { get; set; }

    /// <summary>Writes ids as numbers.</summary>
    public bool NumbersIds { get; set; }

    /// <summary>What it says of itself in ServiceProviderConfig; null for nothing.</summary>
    public JsonObject? Config { get; set; }

    /// <summary>From now on reads show what there is now, whatever changes. False lets them see again.</summary>
    public bool ReadsStandStill
    {
        get => _seen is not null;
        set
        {
            lock (_lock)
            {
                _seen = value ? [.. _groups.Select(group => group.Copy())] : null;
            }
        }
    }

    /// <summary>Gives groups a meta.version, and looks at If-Match.</summary>
    public bool HasVersions { get; set; } = true;

    /// <summary>As HTTP's strong comparison has it: a weak version never matches.</summary>
    public bool NeverMatches { get; set; }

    /// <summary>The most resources in one answer.</summary>
    public int MaxCount { get; set; } = 100;

    /// <summary>How many of the next searches for a user find nobody, as where an index is late.</summary>
    public int LateSearches { get; set; }

    /// <summary>The next requests that are answered 429.</summary>
    public int Limited { get; set; }

    public string? RetryAfter { get; set; }

    /// <summary>Called before a change is made, outside of the lock.</summary>
    public Func<Task>? BeforePatch { get; set; }

    /// <summary>Answers in place of the provider.</summary>
    public Func<HttpContext, Task<bool>>? Instead { get; set; }

    /// <summary>What a client did wrong.</summary>
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

    /// <summary>Method and path of each request, without the query.</summary>
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

    /// <summary>The status of each answer to a change, in the order in which they were made.</summary>
    public IReadOnlyList<int> Changes
    {
        get
        {
            lock (_lock)
            {
                return [.. _changes];
            }
        }
    }

    public static async Task<ScimServer> StartAsync()
    {
        var server = new ScimServer();
        server._server = await KestrelServer.StartAsync(server.HandleAsync);
        return server;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>Forgets what a client did wrong, where that was the point.</summary>
    public void Forgive()
    {
        lock (_lock)
        {
            _complaints.Clear();
        }
    }

    public string CreateUser(string userName) => Add(_users, id => new User(id, userName));

    public string CreateGroup(string displayName) => Add(_groups, id => new Group(id, displayName));

    void ITargetServer.CreateAccount(string name) => CreateUser(name);

    void ITargetServer.CreatePrivilege(string name) => CreateGroup(name);

    void ITargetServer.DropAccount(string name) => DeleteUser(name);

    void ITargetServer.DropPrivilege(string name) => DeleteGroup(name);

    bool ITargetServer.Has(string account, string privilege) => IsMember(account, privilege);

    IReadOnlyList<HeldAccess> ITargetServer.All()
    {
        lock (_lock)
        {
            var names = _users.ToDictionary(user => user.Id, user => user.UserName, StringComparer.Ordinal);
            return
            [
                .. _groups.SelectMany(group =>
                    group.Members.Select(member => new HeldAccess(names.GetValueOrDefault(member, member), group.DisplayName))
                ),
            ];
        }
    }

    void ITargetServer.Give(string account, string privilege) => Join(account, privilege);

    void ITargetServer.Take(string account, string privilege) => Leave(account, privilege);

    public void DeleteUser(string userName)
    {
        lock (_lock)
        {
            var user = _users.Single(u => u.UserName == userName);
            _users.Remove(user);
            _groups.ForEach(group => group.Change(group.Members.Where(member => member != user.Id)));
        }
    }

    public void DeleteGroup(string displayName)
    {
        lock (_lock)
        {
            _groups.RemoveAll(group => group.DisplayName == displayName);
        }
    }

    /// <summary>Gives a user another name; its id and its groups stay.</summary>
    public void RenameUser(string userName, string to)
    {
        lock (_lock)
        {
            var at = _users.FindIndex(user => user.UserName == userName);
            _users[at] = _users[at] with { UserName = to };
        }
    }

    /// <summary>Gives a group another name; its id and its members stay.</summary>
    public void RenameGroup(string displayName, string to)
    {
        lock (_lock)
        {
            _groups.Single(group => group.DisplayName == displayName).Rename(to);
        }
    }

    public void Join(string userName, string displayName)
    {
        lock (_lock)
        {
            var group = _groups.Single(g => g.DisplayName == displayName);
            group.Change([.. group.Members, _users.Single(u => u.UserName == userName).Id]);
        }
    }

    public void Leave(string userName, string displayName)
    {
        lock (_lock)
        {
            var group = _groups.Single(g => g.DisplayName == displayName);
            var id = _users.Single(u => u.UserName == userName).Id;
            group.Change(group.Members.Where(member => member != id));
        }
    }

    /// <summary>Puts a group into a group.</summary>
    public void Nest(string inner, string outer)
    {
        lock (_lock)
        {
            var group = _groups.Single(g => g.DisplayName == outer);
            group.Change([.. group.Members, _groups.Single(g => g.DisplayName == inner).Id]);
        }
    }

    public bool IsMember(string userName, string displayName)
    {
        lock (_lock)
        {
            var users = _users.Where(u => u.UserName == userName).Select(u => u.Id).ToHashSet(StringComparer.Ordinal);
            return _groups.Any(group => group.DisplayName == displayName && group.Members.Any(users.Contains));
        }
    }

    public int MembersOf(string displayName)
    {
        lock (_lock)
        {
            return _groups.Single(group => group.DisplayName == displayName).Members.Count;
        }
    }

    private string Add<T>(List<T> all, Func<string, T> create)
    {
        lock (_lock)
        {
            // Ids are opaque: they may hold what has a meaning in filters, paths and JSON.
            var id = string.Create(CultureInfo.InvariantCulture, $"{++_ids:x4}/..\"é%2F {_ids}");
            all.Add(create(id));
            return id;
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        lock (_lock)
        {
            _requests.Add($"{context.Request.Method} {context.Request.Path}");
        }

        if (Instead is { } instead && await instead(context))
        {
            return;
        }

        try
        {
            Check(context.Request.Headers.Authorization == "Bearer " + Token, 401, null, "credentials");
            var accepts = context.Request.Headers.Accept.ToString();
            Check(accepts.Contains("application/scim+json", StringComparison.Ordinal), 406, null, $"Accept: {accepts}");
            lock (_lock)
            {
                if (Limited > 0)
                {
                    Limited--;
                    context.Response.Headers.RetryAfter = RetryAfter;
                    throw new ScimFault(429, null, null);
                }
            }

            await RouteAsync(context);
        }
        catch (ScimFault fault)
        {
            if (fault.Complaint is { } complaint)
            {
                lock (_lock)
                {
                    _complaints.Add($"{context.Request.Method} {context.Request.Path}: {complaint}");
                }
            }

            if (HttpMethods.IsPatch(context.Request.Method))
            {
                lock (_lock)
                {
                    _changes.Add(fault.Status);
                }
            }

            var body = new JsonObject
            {
                ["schemas"] = new JsonArray(Fault),
                ["status"] = fault.Status.ToString(CultureInfo.InvariantCulture),
                ["detail"] = $"Not so. {context.Request.Headers.Authorization} {context.Request.Host}",
            };
            if (fault.Type is not null)
            {
                body["scimType"] = fault.Type;
            }

            await AnswerAsync(context, fault.Status, body);
        }
    }

    private async Task RouteAsync(HttpContext context)
    {
        var request = context.Request;
        // As sent: an encoded slash in an id is not a separator.
        var target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget.Split('?')[0];
        var segments = target.Split('/').Skip(1).ToArray();
        if (segments is ["scim", "v2", "ServiceProviderConfig"] && request.Method == "GET")
        {
            Check(Config is not null, 404, null, null);
            await AnswerAsync(context, 200, (JsonObject)Config!.DeepClone());
            return;
        }

        Check(segments is ["scim", "v2", "Users" or "Groups"] or ["scim", "v2", "Users" or "Groups", _], 404, null, "path " + target);
        foreach (var name in request.Query.Keys)
        {
            var known =
                name is "attributes" or "excludedAttributes" || (segments.Length == 3 && name is "filter" or "startIndex" or "count");
            Check(known && request.Query[name].Count == 1, 400, "invalidSyntax", "parameter " + name);
        }

        Check(!request.Query.ContainsKey("attributes") || !request.Query.ContainsKey("excludedAttributes"), 400, "invalidSyntax", "both");
        var users = segments[2] == "Users";
        switch (request.Method, segments.Length)
        {
            case ("GET", 3):
                await AnswerAsync(context, 200, Page(request, users));
                break;
            case ("GET", 4):
                await ReadAsync(context, users, Uri.UnescapeDataString(segments[3]));
                break;
            case ("PATCH", 4) when !users:
                await PatchAsync(context, Uri.UnescapeDataString(segments[3]));
                break;
            default:
                throw new ScimFault(405, null, "method");
        }
    }

    private JsonObject Page(HttpRequest request, bool users)
    {
        var from = Number(request, "startIndex", 1);
        var count = Math.Min(Number(request, "count", MaxCount), MaxCount);
        var filter = request.Query["filter"].SingleOrDefault();
        Check(filter is null || Filters, 400, "invalidFilter", null);
        IReadOnlyList<(string Attribute, string Value)> terms;
        try
        {
            terms = filter is null || IgnoresFilters ? [] : ScimFilterGrammar.Parse(filter);
        }
        catch (FormatException)
        {
            throw new ScimFault(400, "invalidFilter", "filter " + filter);
        }

        lock (_lock)
        {
            var late = users && terms.Any(term => term.Attribute == "userName") && LateSearches > 0;
            LateSearches -= late ? 1 : 0;
            var found = users
                ? _users.Where(user => !late && terms.All(term => Matches(user, term))).Select(user => Show(user, request)).ToList()
                : [.. Seen.Where(group => terms.All(term => Matches(group, term))).Select(group => Show(group, request))];
            var page = found.Skip(Math.Max(1, from) - 1).Take(Math.Max(0, count)).ToArray<JsonNode?>();
            var answer = new JsonObject
            {
                ["schemas"] = new JsonArray(List),
                ["totalResults"] = found.Count,
                ["startIndex"] = Math.Max(1, from),
                ["itemsPerPage"] = page.Length,
            };
            if (page.Length > 0)
            {
                answer["Resources"] = new JsonArray(page);
            }

            return answer;
        }
    }

    private async Task ReadAsync(HttpContext context, bool users, string id)
    {
        JsonObject? found;
        lock (_lock)
        {
            found = users
                ? _users.Where(user => user.Id == id).Select(user => Show(user, context.Request)).SingleOrDefault()
                : Seen.Where(group => group.Id == id).Select(group => Show(group, context.Request)).SingleOrDefault();
        }

        Check(found is not null, 404, null, null);
        if (found!["meta"]?["version"] is { } version)
        {
            context.Response.Headers.ETag = version.GetValue<string>();
        }

        await AnswerAsync(context, 200, found);
    }

    private async Task PatchAsync(HttpContext context, string id)
    {
        var request = context.Request;
        Check(request.ContentType is "application/scim+json" or "application/json", 415, null, "content type " + request.ContentType);
        var operation = await OperationAsync(request);
        if (BeforePatch is { } before)
        {
            await before();
        }

        lock (_lock)
        {
            var group = _groups.SingleOrDefault(one => one.Id == id);
            Check(group is not null, 404, null, null);
            if (HasVersions && request.Headers.IfMatch.ToString() is { Length: > 0 } match)
            {
                Check(!NeverMatches && match == group!.Version, 412, null, null);
            }

            Apply(group!, operation);
            _changes.Add(204);
        }

        context.Response.StatusCode = 204;
    }

    private async Task<Operation> OperationAsync(HttpRequest request)
    {
        JsonElement body;
        try
        {
            using var document = await JsonDocument.ParseAsync(
                request.Body,
                new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 }
            );
            body = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw new ScimFault(400, "invalidSyntax", "no JSON");
        }

        Check(Has(body, "schemas", "Operations"), 400, "invalidSyntax", "members of the body");
        Check(
            body.GetProperty("schemas").EnumerateArray().Select(s => s.GetString()).SequenceEqual([Patch], StringComparer.Ordinal),
            400,
            "invalidSyntax",
            "schemas"
        );
        Check(body.GetProperty("Operations").GetArrayLength() == 1, 400, "invalidSyntax", "operations");
        var operation = body.GetProperty("Operations")[0];
        var op = operation.GetProperty("op").GetString()!;
        Check(op is "add" or "remove" == !WantsCapitals && op is "add" or "remove" or "Add" or "Remove", 400, "invalidSyntax", "op " + op);
        var path = operation.GetProperty("path").GetString()!;
        var remove = op is "remove" or "Remove";
        if (path == "members")
        {
            Check(Has(operation, "op", "path", "value"), 400, "invalidValue", "members of the operation");
            Check(!remove || TakesValue || RemovesAllByValue, 400, "invalidSyntax", "a removal with a value");
            var values = operation.GetProperty("value").EnumerateArray().ToList();
            Check(values.Count == 1 && Has(values[0], "value"), 400, "invalidValue", "value");
            return new Operation(remove, values[0].GetProperty("value").GetString()!, remove && RemovesAllByValue);
        }

        Check(Has(operation, "op", "path"), 400, "invalidValue", "members of the operation");
        var match = MemberPath().Match(path);
        Check(remove && TakesPath && match.Success, 400, "invalidPath", "path " + path);
        try
        {
            var term = ScimFilterGrammar.Parse(match.Groups["filter"].Value).Single();
            Check(term.Attribute == "value", 400, "invalidPath", "path " + path);
            return new Operation(true, term.Value, false);
        }
        catch (FormatException)
        {
            throw new ScimFault(400, "invalidPath", "path " + path);
        }
    }

    private void Apply(Group group, Operation operation)
    {
        if (operation.All)
        {
            group.Change([]);
        }
        else if (operation.Remove)
        {
            Check(group.Members.Contains(operation.Member, StringComparer.Ordinal), 400, "noTarget", null);
            group.Change(group.Members.Where(member => member != operation.Member));
        }
        else
        {
            Check(_users.Any(user => user.Id == operation.Member), 400, "invalidValue", "member " + operation.Member);
            // Nothing changes, nor does the version, when it is there (RFC 7644 §3.5.2.1).
            if (!group.Members.Contains(operation.Member, StringComparer.Ordinal))
            {
                group.Change([.. group.Members, operation.Member]);
            }
        }
    }

    private static bool Matches(User user, (string Attribute, string Value) term) =>
        term.Attribute switch
        {
            "userName" => string.Equals(user.UserName, term.Value, StringComparison.OrdinalIgnoreCase),
            "id" => user.Id == term.Value,
            _ => throw new ScimFault(400, "invalidFilter", "attribute " + term.Attribute),
        };

    private bool Matches(Group group, (string Attribute, string Value) term) =>
        term.Attribute switch
        {
            "displayName" => string.Equals(group.DisplayName, term.Value, StringComparison.OrdinalIgnoreCase),
            "id" => group.Id == term.Value,
            "members" or "members.value" when FilterOnMembers == MemberFilter.Refused => throw new ScimFault(400, "invalidFilter", null),
            "members" or "members.value" when FilterOnMembers == MemberFilter.FindsNothing => false,
            "members" or "members.value" when FilterOnMembers == MemberFilter.Ignored => true,
            "members" or "members.value" => group.Members.Contains(term.Value, StringComparer.Ordinal),
            _ => throw new ScimFault(400, "invalidFilter", "attribute " + term.Attribute),
        };

    private JsonObject Show(User user, HttpRequest request)
    {
        var groups = Seen.Where(group => group.Members.Contains(user.Id, StringComparer.Ordinal)).ToList();
        var outer = Seen.Where(o => !groups.Contains(o) && o.Members.Intersect(groups.Select(g => g.Id), StringComparer.Ordinal).Any());
        var shown = new JsonObject
        {
            ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:User"),
            ["id"] = NumbersIds ? 17 : user.Id,
            ["userName"] = user.UserName,
            ["name"] = new JsonObject { ["familyName"] = "Not to be asked for" },
            ["groups"] = new JsonArray([
                .. groups.Select(group => Reference(group, "direct")),
                .. outer.Select(group => Reference(group, "indirect")),
            ]),
            ["meta"] = new JsonObject { ["resourceType"] = "User" },
        };
        if (!ReturnsGroups)
        {
            shown.Remove("groups");
        }

        return Cut(shown, request, "userName", "groups", "name", "meta");
    }

    private JsonObject Show(Group group, HttpRequest request)
    {
        var meta = new JsonObject { ["resourceType"] = "Group" };
        if (HasVersions)
        {
            meta["version"] = group.Version;
        }

        var shown = new JsonObject
        {
            ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:Group"),
            ["id"] = NumbersIds ? 18 : group.Id,
            ["displayName"] = group.DisplayName,
            ["meta"] = meta,
        };
        if (ReturnsMembers && group.Members.Count > 0)
        {
            shown["members"] = new JsonArray([.. group.Members.Take(MembersShown).Select(Member)]);
        }

        return Cut(shown, request, "displayName", "members", "meta");
    }

    private JsonObject Member(string id)
    {
        var shown = new JsonObject { ["value"] = id, ["type"] = _groups.Any(group => group.Id == id) ? "Group" : "User" };
        if (_users.Find(user => user.Id == id) is { } user)
        {
            shown["display"] = user.UserName;
        }

        return shown;
    }

    private List<Group> Seen => _seen ?? _groups;

    private static JsonObject Reference(Group group, string type) => new() { ["value"] = group.Id, ["type"] = type };

    private static JsonObject Cut(JsonObject shown, HttpRequest request, params string[] known)
    {
        var asked = request.Query["attributes"].SingleOrDefault()?.Split(',');
        var without = request.Query["excludedAttributes"].SingleOrDefault()?.Split(',') ?? [];
        Check((asked ?? []).Concat(without).All(known.Contains), 400, "invalidPath", "attributes " + request.QueryString);
        foreach (
            var name in known.Where(name =>
                asked?.Contains(name, StringComparer.Ordinal) == false || without.Contains(name, StringComparer.Ordinal)
            )
        )
        {
            shown.Remove(name);
        }

        return shown;
    }

    private static bool Has(JsonElement element, params string[] members) =>
        element.ValueKind == JsonValueKind.Object
        && element
            .EnumerateObject()
            .Select(m => m.Name)
            .Order(StringComparer.Ordinal)
            .SequenceEqual(members.Order(StringComparer.Ordinal), StringComparer.Ordinal);

    private static int Number(HttpRequest request, string name, int otherwise)
    {
        if (request.Query[name].SingleOrDefault() is not { } text)
        {
            return otherwise;
        }

        Check(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number), 400, "invalidValue", name);
        return number;
    }

    private static async Task AnswerAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/scim+json";
        if (status == 401)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        await context.Response.WriteAsync(body.ToJsonString());
    }

    /// <param name="holds">What must hold.</param>
    /// <param name="status">The answer otherwise.</param>
    /// <param name="type">Its scimType.</param>
    /// <param name="complaint">What to keep, when a client that knows the RFC and the settings does not do that.</param>
    private static void Check(bool holds, int status, string? type, string? complaint)
    {
        if (!holds)
        {
            throw new ScimFault(status, type, complaint);
        }
    }

    [GeneratedRegex(
        """^members\[(?<filter>.*)\]\z""",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline,
        1000
    )]
    private static partial Regex MemberPath();

    private sealed record User(string Id, string UserName);

    private sealed class Group(string id, string displayName)
    {
        private int _version;

        public string Id => id;

        public string DisplayName { get; private set; } = displayName;

        public IReadOnlyList<string> Members { get; private set; } = [];

        public string Version => string.Create(CultureInfo.InvariantCulture, $"W/\"{_version}\"");

        public Group Copy() => new(id, DisplayName) { Members = Members, _version = _version };

        public void Rename(string name)
        {
            DisplayName = name;
            _version++;
        }

        public void Change(IEnumerable<string> members)
        {
            Members = [.. members];
            _version++;
        }
    }

    private sealed record Operation(bool Remove, string Member, bool All);

    private sealed class ScimFault(int status, string? type, string? complaint) : Exception
    {
        public int Status => status;

        public string? Type => type;

        public string? Complaint => complaint;
    }
}
