using Governance.Contracts.Lifecycle;

namespace Governance.Connectors.RabbitMq;

/// <summary>A user for each grant, with one permission on a virtual host, over the management API. RabbitMQ 3.10 and later.</summary>
/// <remarks>
/// <para>
/// Privileges are named as for <see cref="RabbitMqConnector"/>. A user is named <c>governance.</c>, the grant's id, a digest of the
/// privilege, and the account, which need not exist; it has no tags. Another installation at the same broker needs another
/// <c>AccountPrefix</c>. What <see cref="GrantAccount"/> lists may be a user whose making or ending broke off half-way: such a one has
/// no permission, which read-back tells as direct but not effective.
/// </para>
/// <para>
/// The connector makes the passwords; the broker gets a salted hash. A user whose credential nobody asked for has no password.
/// </para>
/// <para>
/// The broker has no transactions and keeps no revisions. A user is given its permission by a second call after the one that makes it, and
/// is taken away in the opposite order with its connections closed in between: a single call that arrives late, after the grant has ended,
/// opens nothing, since a permission can't be set for a user who is not there, and a user without one can't connect to anything.
/// </para>
/// </remarks>
public sealed class RabbitMqUserConnector : RabbitMqConnectorBase
{
    /// <summary>Name of this kind.</summary>
    public const string KindName = TargetKinds.RabbitMqUser;

    private readonly string _prefix;

    /// <param name="settings">
    /// The target; its connection string has Url, Username and Password of the management API, and AccountPrefix unless that is governance.
    /// </param>
    /// <param name="clock">Stamps observations and bounds waiting.</param>
    public RabbitMqUserConnector(ConnectorSettings settings, TimeProvider clock)
        : this(RabbitMqSettings.OfPerGrant(settings), settings, clock) { }

    private RabbitMqUserConnector(RabbitMqSettings rabbit, ConnectorSettings settings, TimeProvider clock)
        : base(new RabbitMqApi(rabbit, settings, clock), clock, accountPerGrant: true) => _prefix = rabbit.AccountPrefix;

    /// <inheritdoc/>
    public override string Kind => KindName;

    private protected override bool CanBeAsked(string account) =>
        account.Length > 0 && RabbitMqNames.CanBeAsked(GrantUser.Of(_prefix, Guid.Empty, account, "").Name);

    private protected override async Task<IReadOnlyList<Credential>> ChangeAsync(
        DesiredHolding desired,
        RabbitMqPrivilege privilege,
        AttemptDeadline deadline,
        CancellationToken cancellationToken
    )
    {
        var there = await FindAsync(desired.Account, desired.Privilege, deadline, cancellationToken);
        HashSet<Guid> wanted = [.. desired.Leases.Select(lease => lease.GrantId)];
        foreach (var user in there.Where(user => !wanted.Contains(user.Grant)))
        {
            await RemoveAsync(user.Name, privilege, deadline, cancellationToken);
        }

        List<Credential> credentials = [];
        foreach (var grant in wanted)
        {
            var user = GrantUser.Of(_prefix, grant, desired.Account, desired.Privilege);
            var asked = desired.CredentialsFor.Contains(grant);
            if (await EnsureAsync(user.Name, there.Contains(user), asked, privilege, deadline, cancellationToken) is { } password)
            {
                credentials.Add(new(grant, [new("username", user.Name), new("password", password), new("vhost", privilege.VirtualHost)]));
            }
        }

        return credentials;
    }

    private protected override async Task<ObservedHolding> LookAsync(
        string account,
        RabbitMqPrivilege privilege,
        DateTimeOffset asked,
        CancellationToken cancellationToken
    )
    {
        var there = await FindAsync(account, privilege.Name, deadline: null, cancellationToken);
        var effective = false;
        List<string> narrowed = [];
        foreach (var user in there)
        {
            narrowed.AddRange(await NarrowedAsync(privilege.VirtualHost, user.Name, cancellationToken));
            effective |=
                await PermissionAsync(privilege, user.Name, deadline: null, cancellationToken) is { } granted
                && granted.MayOverlap(privilege);
        }

        var own = await PermissionAsync(privilege, account, deadline: null, cancellationToken);
        string[] paths = own is not null && own.MayOverlap(privilege) ? ["the account's own permission " + own.Name] : [];
        return new ObservedHolding
        {
            Direct = there.Count > 0,
            Effective = effective || paths.Length > 0,
            Paths = paths,
            Narrowed = [.. narrowed.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Accounts = [.. there.Select(user => new GrantAccount(user.Grant, user.Name, Until: null))],
            ObservedAt = asked,
        };
    }

    private protected override ListedHolding Listed(PermissionRow row)
    {
        var user = GrantUser.Find(_prefix, row.User);
        return new()
        {
            Account = user?.Account ?? row.User,
            Privilege = row.Privilege.Name,
            Marker = user is null ? null : $"grant {user.Grant}",
        };
    }

    private async Task<List<GrantUser>> FindAsync(
        string account,
        string privilege,
        AttemptDeadline? deadline,
        CancellationToken cancellationToken
    ) =>
        [
            .. (await Api.ListUsersAsync(deadline, cancellationToken))
                .Select(user => GrantUser.Find(_prefix, user.Name))
                .OfType<GrantUser>()
                .Where(user => user.IsFor(account, privilege))
                .OrderBy(user => user.Grant),
        ];

    private async Task<RabbitMqPrivilege?> PermissionAsync(
        RabbitMqPrivilege privilege,
        string user,
        AttemptDeadline? deadline,
        CancellationToken cancellationToken
    ) =>
        RabbitMqNames.CanBeAsked(user)
            ? (await Api.FindPermissionAsync(privilege.VirtualHost, user, deadline, cancellationToken))?.Privilege
            : null;

    private async Task<string?> EnsureAsync(
        string user,
        bool exists,
        bool asked,
        RabbitMqPrivilege privilege,
        AttemptDeadline deadline,
        CancellationToken cancellationToken
    )
    {
        var there = exists ? await PermissionAsync(privilege, user, deadline, cancellationToken) : null;
        if (there is null)
        {
            await Api.ExpectVirtualHostAsync(privilege.VirtualHost, deadline, cancellationToken);
        }

        string? password = null;
        if (asked)
        {
            password = GrantPassword.Create();
            var hash = RabbitMqPassword.Hash(password);
            if (!await Api.SetUserAsync(user, hash, deadline, cancellationToken))
            {
                throw Overtaken();
            }
        }
        else if (!exists)
        {
            // Whoever was faster may have given it a password.
            await Api.SetUserAsync(user, passwordHash: "", deadline, cancellationToken);
        }

        if (there != privilege)
        {
            await PermitAsync(user, privilege, deadline, cancellationToken);
        }

        return password;
    }

    private async Task PermitAsync(string user, RabbitMqPrivilege privilege, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        try
        {
            await Api.SetPermissionAsync(privilege, user, deadline, cancellationToken);
        }
        catch (ConnectorException e) when (e.Code == ConnectorErrors.UnknownAccount)
        {
            throw Overtaken();
        }
    }

    private async Task RemoveAsync(string user, RabbitMqPrivilege privilege, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        // The user goes last: as long as it is there, an attempt that follows finds what this one left.
        await Api.DeletePermissionAsync(privilege.VirtualHost, user, deadline, cancellationToken);
        await RabbitMqSessions.EndAsync(Api, user, privilege.VirtualHost, mayReturn: false, deadline, Clock, cancellationToken);
        await Api.DeleteUserAsync(user, deadline, cancellationToken);
        await RabbitMqSessions.EndAsync(Api, user, virtualHost: null, mayReturn: false, deadline, Clock, cancellationToken);
    }

    private static ConnectorException Overtaken() =>
        new(ConnectorErrors.Error, "Somebody else made or took away the grant's user at the same moment.", isTransient: true);
}
