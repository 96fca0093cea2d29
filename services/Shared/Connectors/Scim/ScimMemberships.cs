namespace Governance.Connectors.Scim;

/// <summary>Whether a user is in a group. Absence is believed only from an answer that could have shown presence.</summary>
/// <remarks>
/// A group's list of members may be cut off (many providers return the first hundred), so what it does not show says nothing. A user's own
/// <c>groups</c> and a filter on members can show every membership, where the provider has them; a provider that answers them without
/// having them is found out by asking about a membership, or a stranger, of which the answer is known.
/// </remarks>
internal sealed class ScimMemberships(ScimProvider provider, ScimSettings settings)
{
    public const string OnlyByList =
        "The target shows who is a member only by a group's list of members, which may be cut off, so that nothing could be seen gone: it has to return a user's groups, or to take a filter on id and members.";

    private const int MaxSamples = 5;

    // Once seen to show what is known, a way is trusted. One that did not may only have been late, and is asked again.
    private volatile bool _groupsShow;
    private volatile bool _filterShows;
    private volatile bool _filterTells;

    /// <summary>What the group's own list shows, for the version that was read with it.</summary>
    /// <returns>Null when the group is gone.</returns>
    public async Task<ScimRoll?> RollAsync(ScimGroup found, AttemptDeadline? deadline, CancellationToken cancellationToken)
    {
        // The version is read before or with the members, never after: a change in between must make it old.
        if (settings.Membership == ScimMembership.Filter)
        {
            return new ScimRoll(found, []);
        }

        return await provider.ReadGroupAsync(found.Id, members: true, deadline, cancellationToken) is { } group
            ? new ScimRoll(group, group.Members ?? [])
            : null;
    }

    /// <summary>The same of a group of which nothing but the id is known.</summary>
    /// <returns>Null when the group is gone.</returns>
    public async Task<ScimRoll?> RollAsync(string id, AttemptDeadline? deadline, CancellationToken cancellationToken) =>
        await provider.ReadGroupAsync(id, settings.Membership != ScimMembership.Filter, deadline, cancellationToken) is { } group
            ? new ScimRoll(group, group.Members ?? [])
            : null;

    /// <summary>
    /// The member of that userName whom the group's own list calls so. A search by name may be late, or leave out who is shut off.
    /// </summary>
    public async Task<ScimUser?> ListedAsync(ScimRoll roll, string name, AttemptDeadline? deadline, CancellationToken cancellationToken)
    {
        var called = roll.Members.Where(member => member.Value is not null && ScimFilter.IsSame(member.Display, name));
        foreach (var member in called.Take(MaxSamples))
        {
            if (
                await provider.ReadUserAsync(member.Value!, deadline, cancellationToken) is { } user
                && ScimFilter.IsSame(user.UserName, name)
            )
            {
                return user;
            }
        }

        return null;
    }

    /// <summary>How the user has the group.</summary>
    /// <exception cref="ConnectorException">No answer shows that it has it, and none could.</exception>
    public async Task<ScimHeld> AskAsync(ScimUser user, ScimRoll roll, CancellationToken cancellationToken)
    {
        var listed = roll.Shows(user.Id);
        var entry = user.Groups?.FirstOrDefault(one => one.Value == roll.Group.Id);
        if (listed || entry is { IsDirect: true })
        {
            return ScimHeld.Directly;
        }

        if (entry is { IsIndirect: true })
        {
            return ScimHeld.ByNesting;
        }

        var control = roll.OtherThan(user.Id);
        if (entry is null && user.Groups is not null && await GroupsShowAsync(control, roll.Group, cancellationToken))
        {
            return ScimHeld.Not;
        }

        if (await FilterShowsAsync(control, roll.Group, cancellationToken))
        {
            var found = await provider.IsMemberAsync(roll.Group.Id, user.Id, null, cancellationToken);
            if (found && !await FilterTellsAsync(roll.Group, cancellationToken))
            {
                throw NotHonoured();
            }

            return found ? ScimHeld.Directly
                : entry is null ? ScimHeld.Not
                : ScimHeld.BySomething;
        }

        // Of one that is in the user's own list, and of which nobody says whether it is nested, the worse is assumed.
        return entry is not null ? ScimHeld.Directly : throw new ConnectorException(ConnectorErrors.Error, OnlyByList);
    }

    /// <summary>Whether there is a way by which absence can be seen, as far as the provider's own memberships and these places show.</summary>
    public async Task<bool> CanShowAbsenceAsync(IEnumerable<TargetPlace> places, CancellationToken cancellationToken)
    {
        if (_groupsShow || _filterShows)
        {
            return true;
        }

        if (await SampleAsync(places, cancellationToken) is not { } sample)
        {
            return true; // Nobody is in any group, so nobody can tell. The next place is asked about before access is given there.
        }

        return sample.User.Groups is not null && await GroupsShowAsync(sample.Member, sample.Group, cancellationToken)
            || await FilterShowsAsync(sample.Member, sample.Group, cancellationToken);
    }

    private async Task<bool> GroupsShowAsync(string? member, ScimGroup group, CancellationToken cancellationToken)
    {
        if (_groupsShow || member is null)
        {
            return true;
        }

        if (await provider.ReadUserAsync(member, null, cancellationToken) is not { } known)
        {
            return true; // It has just left, or is no user.
        }

        return _groupsShow = known.Groups?.Any(one => one.Value == group.Id) ?? false;
    }

    private async Task<bool> FilterShowsAsync(string? member, ScimGroup group, CancellationToken cancellationToken)
    {
        if (!settings.Filter)
        {
            return false;
        }

        if (_filterShows)
        {
            return true;
        }

        try
        {
            var shown = await provider.IsMemberAsync(group.Id, member ?? Stranger(), null, cancellationToken);
            if (member is null)
            {
                return !shown ? true : throw NotHonoured();
            }

            return _filterShows = shown && await FilterTellsAsync(group, cancellationToken);
        }
        catch (ConnectorException e) when (e.Code is ConnectorErrors.Refused)
        {
            return false; // It knows no such filter, and says so.
        }
    }

    /// <summary>Whether the filter finds nobody who is not there.</summary>
    private async Task<bool> FilterTellsAsync(ScimGroup group, CancellationToken cancellationToken) =>
        _filterTells = _filterTells || !await provider.IsMemberAsync(group.Id, Stranger(), null, cancellationToken);

    /// <summary>A membership that the provider shows in some way; null when there is none to be found with few questions.</summary>
    private async Task<Sample?> SampleAsync(IEnumerable<TargetPlace> places, CancellationToken cancellationToken)
    {
        var names = places.Select(place => place.Privilege).Where(ScimFilter.IsName).Distinct(StringComparer.Ordinal).Take(MaxSamples);
        List<ScimGroup> groups = [];
        foreach (var name in names)
        {
            if (await provider.FindGroupAsync(name, null, cancellationToken) is { } group)
            {
                groups.Add(group);
            }
        }

        groups.AddRange(await provider.SomeGroupsAsync(MaxSamples, cancellationToken));
        foreach (var group in groups.DistinctBy(group => group.Id, StringComparer.Ordinal))
        {
            if (
                await RollAsync(group, null, cancellationToken) is { } roll
                && roll.OtherThan("") is { } member
                && await provider.ReadUserAsync(member, null, cancellationToken) is { } user
            )
            {
                return new Sample(user, member, group);
            }
        }

        // Where members are not returned, a user's groups show one that the filter has to show.
        var (users, _) = await provider.UsersAsync(1, MaxSamples, cancellationToken);
        foreach (var user in users)
        {
            if (user.Groups?.FirstOrDefault(one => one.IsDirect && one.Value is not null) is { Value: { } id })
            {
                return new Sample(user, user.Id, new ScimGroup(id));
            }
        }

        return null;
    }

    private static string Stranger() => Guid.NewGuid().ToString();

    private static ConnectorException NotHonoured() =>
        new(
            ConnectorErrors.Error,
            "The target does not honour the filter on members: it finds a group for somebody whom nobody knows. Nothing is concluded from its answer."
        );

    private sealed record Sample(ScimUser User, string Member, ScimGroup Group);
}

/// <summary>A group as its own list shows it, which may be cut off.</summary>
internal sealed record ScimRoll(ScimGroup Group, IReadOnlyList<ScimMember> Members)
{
    public bool Shows(string user) => Members.Any(member => member.Value == user);

    public int Others(string user) => Members.Count(member => member.Value != user);

    /// <summary>Some other user in it.</summary>
    public string? OtherThan(string user) =>
        Members
            .FirstOrDefault(member =>
                member.Value is not null && member.Value != user && !string.Equals(member.Type, "Group", StringComparison.OrdinalIgnoreCase)
            )
            ?.Value;
}

/// <summary>How a user has a group.</summary>
internal enum ScimHeld
{
    Not,
    Directly,

    /// <summary>Through a group in the group.</summary>
    ByNesting,

    /// <summary>The user's own list of groups has it, and the group has not the user.</summary>
    BySomething,
}
