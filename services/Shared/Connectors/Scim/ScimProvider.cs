using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Governance.Connectors.Http;

namespace Governance.Connectors.Scim;

/// <summary>The calls of RFC 7644 that memberships need. Believes no answer to a filter that does not match it.</summary>
internal sealed class ScimProvider : IDisposable
{
    private const int MaxAnswer = 16 * 1024 * 1024;

    private const int PageSize = 100;

    private const int MaxReadings = 3;

    private static readonly string[] MediaTypes = [ScimJson.MediaType, "application/json"];

    private readonly ScimSettings _settings;
    private readonly HttpSender _sender;

    public ScimProvider(ConnectorSettings settings, ScimSettings scim, TimeProvider clock)
    {
        _settings = scim;
        _sender = new HttpSender(HttpSender.CreateHandler(settings), clock, expect: true);
    }

    /// <summary>Finds a user by userName, which is the same in upper and lower case (RFC 7643 §4.1.1).</summary>
    /// <returns>Null when there is none.</returns>
    public async Task<ScimUser?> FindUserAsync(string name, AttemptDeadline? deadline, CancellationToken cancellationToken) =>
        Only(
            await FindAsync<ScimUser>(
                "Users",
                "userName",
                name,
                "attributes=userName,groups",
                u => u.UserName,
                deadline,
                cancellationToken
            ),
            name,
            user => user.UserName,
            "users"
        );

    /// <summary>Finds a group by displayName, without its members.</summary>
    /// <returns>Null when there is none.</returns>
    public async Task<ScimGroup?> FindGroupAsync(string name, AttemptDeadline? deadline, CancellationToken cancellationToken) =>
        Only(
            await FindAsync<ScimGroup>(
                "Groups",
                "displayName",
                name,
                "excludedAttributes=members",
                group => group.DisplayName,
                deadline,
                cancellationToken
            ),
            name,
            group => group.DisplayName,
            "groups"
        );

    /// <summary>Reads a group with its version, and with its members unless they are left out.</summary>
    /// <returns>Null when it is gone.</returns>
    public async Task<ScimGroup?> ReadGroupAsync(string id, bool members, AttemptDeadline? deadline, CancellationToken cancellationToken)
    {
        var answer = await GetAsync("Groups/" + Segment(id) + (members ? "" : "?excludedAttributes=members"), deadline, cancellationToken);
        if (answer.Status == HttpStatusCode.NotFound)
        {
            return null;
        }

        var group = Success(answer).Read<ScimGroup>(ScimJson.Options, MediaTypes);
        if (group.Id != id)
        {
            throw Unbelievable();
        }

        return group.Meta?.Version is null ? group with { Meta = new ScimMeta(answer.ETag) } : group;
    }

    /// <summary>Who the provider is, and what it says that it can; null when it does not say.</summary>
    public async Task<ScimConfig?> ConfigAsync(CancellationToken cancellationToken)
    {
        var answer = await GetAsync("ServiceProviderConfig", null, cancellationToken);
        return answer.Status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden or HttpStatusCode.NotImplemented
            ? null
            : Success(answer).Read<ScimConfig>(ScimJson.Options, MediaTypes);
    }

    /// <summary>Reads a user's name and groups.</summary>
    /// <returns>Null when it is gone, or no user.</returns>
    public async Task<ScimUser?> ReadUserAsync(string id, AttemptDeadline? deadline, CancellationToken cancellationToken)
    {
        var answer = await GetAsync($"Users/{Segment(id)}?attributes=userName,groups", deadline, cancellationToken);
        if (answer.Status == HttpStatusCode.NotFound)
        {
            return null;
        }

        var user = Success(answer).Read<ScimUser>(ScimJson.Options, MediaTypes);
        return user.Id == id ? user : throw Unbelievable();
    }

    /// <summary>Asks by filter whether a user is a member.</summary>
    public async Task<bool> IsMemberAsync(string group, string user, AttemptDeadline? deadline, CancellationToken cancellationToken)
    {
        var filter = $"{ScimFilter.Equal("id", group)} and {ScimFilter.Equal("members", user)}";
        var found = await AllAsync<ScimGroup>("Groups", $"{Where(filter)}&excludedAttributes=members", deadline, cancellationToken);
        return found.All(g => g.Id == group) ? found.Count > 0 : throw FilterIgnored();
    }

    /// <summary>The first few groups of the provider's.</summary>
    public async Task<IReadOnlyList<ScimGroup>> SomeGroupsAsync(int count, CancellationToken cancellationToken) =>
        (await PageAsync<ScimGroup>("Groups", "excludedAttributes=members", 1, count, null, cancellationToken)).Resources ?? [];

    public Task<IReadOnlyList<ScimGroup>> GroupsOfAsync(string user, CancellationToken cancellationToken) =>
        AllAsync<ScimGroup>("Groups", $"{Where(ScimFilter.Equal("members", user))}&excludedAttributes=members", null, cancellationToken);

    public Task<IReadOnlyList<ScimGroup>> GroupsAsync(CancellationToken cancellationToken) =>
        AllAsync<ScimGroup>("Groups", "excludedAttributes=members", null, cancellationToken);

    public async Task<(IReadOnlyList<ScimUser> Users, int Total)> UsersAsync(int from, int count, CancellationToken cancellationToken)
    {
        var page = await PageAsync<ScimUser>("Users", "attributes=userName,groups", from, count, null, cancellationToken);
        return (page.Resources ?? [], page.TotalResults!.Value);
    }

    /// <summary>Puts a user into a group or takes it out.</summary>
    /// <param name="group">The group, as it was read in this attempt: nothing changes when it is another by now.</param>
    /// <param name="user">The user's id.</param>
    /// <param name="member">Whether it is to be a member.</param>
    /// <param name="whatever">Also when the group is another by now: for a removal that must not wait for others to stop changing it.</param>
    /// <param name="deadline">The attempt's end.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<HttpAnswer> PatchAsync(
        ScimGroup group,
        string user,
        bool member,
        bool whatever,
        AttemptDeadline deadline,
        CancellationToken cancellationToken
    )
    {
        var patch = new ScimPatch([ScimJson.PatchOp], [member ? Addition(user) : Removal(user)]);
        var body = JsonSerializer.SerializeToUtf8Bytes(patch, ScimJson.Options);
        return _sender.SendAsync(
            () =>
            {
                var request = Request(HttpMethod.Patch, "Groups/" + Segment(group.Id));
                request.Content = new ChangeContent(body, ScimJson.MediaType, deadline);
                if (_settings.IfMatch && !whatever && EntityTagHeaderValue.TryParse(group.Meta?.Version, out var version))
                {
                    request.Headers.IfMatch.Add(version);
                }

                return request;
            },
            MaxAnswer,
            deadline,
            cancellationToken
        );
    }

    public void Dispose() => _sender.Dispose();

    /// <summary>The cause that the provider names, if RFC 7644 §3.12 knows it. Its own text may hold anything and is not repeated.</summary>
    public static string? Cause(HttpAnswer answer) =>
        answer.TryRead<ScimFault>(ScimJson.Options, out var fault, MediaTypes)
        && fault.Schemas.Contains(ScimJson.Error, StringComparer.Ordinal)
        && fault.ScimType
            is "invalidFilter"
                or "tooMany"
                or "uniqueness"
                or "mutability"
                or "invalidSyntax"
                or "invalidPath"
                or "noTarget"
                or "invalidValue"
                or "invalidVers"
                or "sensitive"
            ? fault.ScimType
            : null;

    public static ConnectorException Refused(HttpAnswer answer, bool change) =>
        answer.Status == HttpStatusCode.BadRequest && Cause(answer) is { } cause
            ? new(ConnectorErrors.Refused, $"The target refused the request: {cause}.")
            : HttpErrors.FromStatus(answer.Status, change);

    private ScimOperation Addition(string user) => new(_settings.CapitalOperations ? "Add" : "add", "members", [new ScimMember(user)]);

    private ScimOperation Removal(string user)
    {
        var remove = _settings.CapitalOperations ? "Remove" : "remove";
        return _settings.Removal == ScimRemoval.Value
            ? new(remove, "members", [new ScimMember(user)])
            : new(remove, $"members[{ScimFilter.Equal("value", user)}]", null);
    }

    private async Task<IReadOnlyList<T>> FindAsync<T>(
        string endpoint,
        string attribute,
        string name,
        string query,
        Func<T, string?> nameOf,
        AttemptDeadline? deadline,
        CancellationToken cancellationToken
    )
        where T : IScimResource
    {
        bool Matches(T one) => string.Equals(nameOf(one), name, StringComparison.OrdinalIgnoreCase);
        if (!_settings.Filter)
        {
            return [.. (await AllAsync<T>(endpoint, query, deadline, cancellationToken)).Where(Matches)];
        }

        var found = await AllAsync<T>(endpoint, $"{Where(ScimFilter.Equal(attribute, name))}&{query}", deadline, cancellationToken);
        return found.All(Matches) ? found : throw FilterIgnored();
    }

    private async Task<IReadOnlyList<T>> AllAsync<T>(
        string endpoint,
        string query,
        AttemptDeadline? deadline,
        CancellationToken cancellationToken
    )
        where T : IScimResource
    {
        for (var reading = 1; reading <= MaxReadings; reading++)
        {
            if (await TryAllAsync<T>(endpoint, query, deadline, cancellationToken) is { } all)
            {
                return all;
            }
        }

        // What is missing might be what was asked for.
        throw Odd("its pages do not add up to the number that it says, or show one twice, each time that they are read");
    }

    /// <returns>Null when something changed between the pages, so that one may have been passed over, or when there are fewer than it says.</returns>
    private async Task<IReadOnlyList<T>?> TryAllAsync<T>(
        string endpoint,
        string query,
        AttemptDeadline? deadline,
        CancellationToken cancellationToken
    )
        where T : IScimResource
    {
        var all = new Dictionary<string, T>(StringComparer.Ordinal);
        var from = 1;
        int? total = null;
        while (true)
        {
            var page = await PageAsync<T>(endpoint, query, from, PageSize, deadline, cancellationToken);
            var resources = page.Resources ?? [];
            total ??= page.TotalResults!.Value;
            if (from == 1 && total > 0 && resources.Count == 0)
            {
                throw Odd(FormattableString.Invariant($"it says that there are {total} results and returns none of them"));
            }

            from += resources.Count;
            var isNew = resources.All(one => all.TryAdd(one.Id, one));
            if (page.TotalResults != total || !isNew || (resources.Count == 0 && from <= total))
            {
                return null;
            }

            if (from > total)
            {
                return all.Count == total ? [.. all.Values] : null;
            }
        }
    }

    private async Task<ScimList<T>> PageAsync<T>(
        string endpoint,
        string query,
        int from,
        int count,
        AttemptDeadline? deadline,
        CancellationToken cancellationToken
    )
    {
        var path = FormattableString.Invariant($"{endpoint}?{query}&startIndex={from}&count={count}");
        var page = Success(await GetAsync(path, deadline, cancellationToken)).Read<ScimList<T>>(ScimJson.Options, MediaTypes);
        return page.Schemas?.Contains(ScimJson.ListResponse, StringComparer.Ordinal) is not true
                ? throw Odd("its schemas lack " + ScimJson.ListResponse)
            : page.TotalResults is null or < 0 ? throw Odd("it has no totalResults")
            : (page.Resources?.Count ?? 0) > page.TotalResults ? throw Odd("it returns more than the number that it says")
            : page;
    }

    private Task<HttpAnswer> GetAsync(string path, AttemptDeadline? deadline, CancellationToken cancellationToken) =>
        _sender.SendAsync(() => Request(HttpMethod.Get, path), MaxAnswer, deadline, cancellationToken);

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(_settings.Url, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _settings.Token);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(ScimJson.MediaType));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json", 0.5));
        return request;
    }

    private static T? Only<T>(IReadOnlyList<T> found, string name, Func<T, string?> nameOf, string what)
        where T : class
    {
        var exact = found.Where(one => nameOf(one) == name).ToList();
        var candidates = exact.Count > 0 ? exact : found;
        return candidates.Count <= 1
            ? candidates.SingleOrDefault()
            : throw new ConnectorException(
                ConnectorErrors.Refused,
                $"The target has several {what} of that name; which one is meant is not guessed."
            );
    }

    private static HttpAnswer Success(HttpAnswer answer) =>
        answer.Status == HttpStatusCode.OK ? answer : throw Refused(answer, change: false);

    private static string Where(string filter) => "filter=" + Uri.EscapeDataString(filter);

    // A dot segment would be another place.
    private static string Segment(string id) =>
        ScimFilter.IsName(id) && id is not ("." or "..") ? Uri.EscapeDataString(id) : throw Unbelievable();

    private static ConnectorException Odd(string what) =>
        new(ConnectorErrors.Error, $"The target's list of results is odd ({what}), so nothing is concluded from it.");

    private static ConnectorException FilterIgnored() =>
        new(
            ConnectorErrors.Error,
            "The target does not honour the filter: it returns what was not asked for, so nothing is concluded from its answer. If it knows no filters, set Filter=false."
        );

    private static ConnectorException Unbelievable() =>
        new(ConnectorErrors.Error, "The target's answer does not fit the question, so nothing is concluded from it.");
}
