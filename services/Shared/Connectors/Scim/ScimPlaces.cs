namespace Governance.Connectors.Scim;

/// <summary>Finds who and what is meant: by the names as they are now, and by the ids that were remembered when it was given.</summary>
internal sealed class ScimPlaces(ScimProvider provider, ScimMemberships memberships, ScimSettings settings)
{
    public ScimGiven Given(ScimPlace place) => new(settings.Url.AbsoluteUri, place.User.Id, place.Roll.Group.Id);

    /// <summary>Where to give: to whoever bears the name, unless that is another one than it was given to before.</summary>
    /// <exception cref="ConnectorException">There is no such user or group, or it is another one.</exception>
    public async Task<ScimPlace> ToGiveAsync(
        string account,
        string privilege,
        IReadOnlyList<ScimGiven> given,
        AttemptDeadline deadline,
        CancellationToken cancellationToken
    )
    {
        var user = await UserAsync(account, deadline, cancellationToken);
        foreach (var id in given.Where(IsHere).Select(one => one.User).Distinct(StringComparer.Ordinal).Where(id => id != user?.Id))
        {
            if (await provider.ReadUserAsync(id, deadline, cancellationToken) is { } known)
            {
                user = user is null && ScimFilter.IsSame(known.UserName, account) ? known : throw IsAnother(account, known.UserName);
            }
        }

        if (user is null)
        {
            throw new ConnectorException(ConnectorErrors.UnknownAccount, "The target has no user of that userName.");
        }

        var group = await GroupAsync(privilege, deadline, cancellationToken);
        foreach (var id in given.Where(IsHere).Select(one => one.Group).Distinct(StringComparer.Ordinal).Where(id => id != group?.Id))
        {
            if (await provider.ReadGroupAsync(id, members: false, deadline, cancellationToken) is { } known)
            {
                group =
                    group is null && ScimFilter.IsSame(known.DisplayName, privilege)
                        ? known
                        : throw IsAnother(privilege, known.DisplayName);
            }
        }

        var roll = group is null ? null : await memberships.RollAsync(group, deadline, cancellationToken);
        return roll is not null
            ? new ScimPlace(user, roll)
            : throw new ConnectorException(ConnectorErrors.UnknownPrivilege, "The target has no group of that displayName.");
    }

    /// <summary>Where to take away from by name.</summary>
    /// <param name="account">The user's name.</param>
    /// <param name="privilege">The group's name.</param>
    /// <param name="given">What is remembered: those are taken from by their ids.</param>
    /// <param name="deadline">The attempt's end; null when it is only read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when there is nothing but what is remembered.</returns>
    public async Task<ScimPlace?> NamedAsync(
        string account,
        string privilege,
        IReadOnlyList<ScimGiven> given,
        AttemptDeadline? deadline,
        CancellationToken cancellationToken
    )
    {
        if (!ScimFilter.IsName(account) || !ScimFilter.IsName(privilege))
        {
            return null;
        }

        var user = await UserAsync(account, deadline, cancellationToken);
        // Of what nothing is remembered of, the group's own list may know better than a search that finds nobody.
        if (
            (user is null && given.Count > 0)
            || await GroupAsync(privilege, deadline, cancellationToken) is not { } group
            || await memberships.RollAsync(group, deadline, cancellationToken) is not { } roll
        )
        {
            return null;
        }

        user ??= await memberships.ListedAsync(roll, account, deadline, cancellationToken);
        return user is null ? null : new ScimPlace(user, roll);
    }

    /// <summary>Where it was given, whatever user and group are called now.</summary>
    /// <param name="given">What is remembered.</param>
    /// <param name="deadline">The attempt's end; null when it is only read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when the user or the group is gone.</returns>
    public async Task<ScimPlace?> RememberedAsync(ScimGiven given, AttemptDeadline? deadline, CancellationToken cancellationToken)
    {
        if (await memberships.RollAsync(given.Group, deadline, cancellationToken) is not { } roll)
        {
            return null;
        }

        var user = await provider.ReadUserAsync(given.User, deadline, cancellationToken);
        // A group may go on showing a user that is deleted, and have it again when that is undone.
        return user is not null ? new ScimPlace(user, roll)
            : deadline is not null && roll.Shows(given.User) ? new ScimPlace(new ScimUser(given.User, ""), roll)
            : null;
    }

    /// <summary>Whether the ids are of whom it was given to: at another address only where the name says so too.</summary>
    public bool IsSure(ScimGiven given, ScimPlace found, string account) =>
        IsHere(given) || ScimFilter.IsSame(found.User.UserName, account);

    private bool IsHere(ScimGiven given) => given.At == settings.Url.AbsoluteUri;

    private async Task<ScimUser?> UserAsync(string name, AttemptDeadline? deadline, CancellationToken cancellationToken) =>
        ScimFilter.IsName(name) ? await provider.FindUserAsync(name, deadline, cancellationToken) : null;

    private async Task<ScimGroup?> GroupAsync(string name, AttemptDeadline? deadline, CancellationToken cancellationToken) =>
        ScimFilter.IsName(name) ? await provider.FindGroupAsync(name, deadline, cancellationToken) : null;

    private static ConnectorException IsAnother(string name, string? now) =>
        new(
            ConnectorErrors.Refused,
            $"This access was given to, or by, {name}, which is called {now ?? "nothing"} now: it is not given to whoever bears that name now. Once it is taken away, it can be given anew."
        );
}

/// <summary>A user, and a group as it was read.</summary>
internal sealed record ScimPlace(ScimUser User, ScimRoll Roll)
{
    public bool IsShown => Roll.Shows(User.Id) || (User.Groups?.Any(one => one.Value == Roll.Group.Id && one.IsDirect) ?? false);

    public bool Is(ScimGiven given) => User.Id == given.User && Roll.Group.Id == given.Group;
}
