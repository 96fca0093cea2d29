using Governance.Connectors.Http;

namespace Governance.Connectors.Scim;

/// <summary>Lists memberships page by page: by group id, then by user id; or user by user in the provider's order where members are not returned.</summary>
internal sealed class ScimListing(ScimProvider provider, ScimMembership membership, TimeProvider clock)
{
    private const int MaxItems = 100;

    private const int MaxGroups = 25;

    private const int CallsAtOnce = 4;

    public async Task<HoldingPage> PageAsync(string? pageToken, CancellationToken cancellationToken)
    {
        var token = pageToken is null ? new ScimPageToken() : PageTokens.Parse<ScimPageToken>(pageToken);
        var asOf = clock.Now();
        var (items, next) =
            membership == ScimMembership.Filter
                ? await ByUserAsync(token.User ?? 1, cancellationToken)
                : await ByGroupAsync(token, cancellationToken);
        return new HoldingPage
        {
            Items = items,
            NextPageToken = next is null ? null : PageTokens.Write(next),
            AsOf = asOf,
        };
    }

    private async Task<(List<ListedHolding> Items, ScimPageToken? Next)> ByGroupAsync(
        ScimPageToken after,
        CancellationToken cancellationToken
    )
    {
        var groups = (await provider.GroupsAsync(cancellationToken))
            .Where(group => group.DisplayName is { Length: > 0 })
            .OrderBy(group => group.Id, StringComparer.Ordinal)
            .Where(group => IsDue(group.Id, after))
            .ToList();
        var found = new List<(string User, string Group)>();
        ScimPageToken? next = null;
        for (var i = 0; i < groups.Count && next is null; i++)
        {
            var members = await MembersAsync(groups[i].Id, after, cancellationToken);
            var taken = members.Take(MaxItems - found.Count).ToList();
            found.AddRange(taken.Select(member => (member, groups[i].DisplayName!)));
            if (taken.Count < members.Count)
            {
                next = new ScimPageToken { Group = groups[i].Id, Member = taken[^1] };
            }
            else if (i < groups.Count - 1 && (found.Count == MaxItems || i + 1 == MaxGroups))
            {
                next = new ScimPageToken { Group = groups[i].Id };
            }
        }

        var names = await NamesAsync(found.Select(one => one.User), cancellationToken);
        return ([.. found.Where(one => names.ContainsKey(one.User)).Select(one => Listed(names[one.User], one.Group))], next);
    }

    private static bool IsDue(string group, ScimPageToken after) =>
        string.CompareOrdinal(group, after.Group) is var order && (order > 0 || (order == 0 && after.Member is not null));

    private async Task<List<string>> MembersAsync(string group, ScimPageToken after, CancellationToken cancellationToken)
    {
        var read = await provider.ReadGroupAsync(group, members: true, null, cancellationToken);
        return
        [
            .. (read?.Members ?? [])
                .Where(member => member.Value is not null && !string.Equals(member.Type, "Group", StringComparison.OrdinalIgnoreCase))
                .Select(member => member.Value!)
                .Distinct(StringComparer.Ordinal)
                .Where(member => group != after.Group || string.CompareOrdinal(member, after.Member) > 0)
                .Order(StringComparer.Ordinal),
        ];
    }

    private async Task<IReadOnlyDictionary<string, string>> NamesAsync(IEnumerable<string> users, CancellationToken cancellationToken)
    {
        var names = new System.Collections.Concurrent.ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(
            users.Distinct(StringComparer.Ordinal),
            new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce, CancellationToken = cancellationToken },
            async (id, token) =>
            {
                if (await provider.ReadUserAsync(id, null, token) is { } user)
                {
                    names[id] = user.UserName;
                }
            }
        );
        return names;
    }

    private async Task<(List<ListedHolding> Items, ScimPageToken? Next)> ByUserAsync(int from, CancellationToken cancellationToken)
    {
        var (users, total) = await provider.UsersAsync(Math.Max(1, from), MaxGroups, cancellationToken);
        var items = new List<ListedHolding>();
        foreach (var user in users)
        {
            var groups = await provider.GroupsOfAsync(user.Id, cancellationToken);
            items.AddRange(
                groups
                    .Where(group => group.DisplayName is { Length: > 0 })
                    .OrderBy(group => group.Id, StringComparer.Ordinal)
                    .Select(group => Listed(user.UserName, group.DisplayName!))
            );
        }

        var next = from + users.Count;
        return (items, users.Count > 0 && next <= total ? new ScimPageToken { User = next } : null);
    }

    private static ListedHolding Listed(string account, string privilege) => new() { Account = account, Privilege = privilege };
}
