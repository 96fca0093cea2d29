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
public sealed class RabbitMqUserConnector : IConnector
{
    /// <summary>Name of this kind.</summary>
    public const string KindName = "rabbitmq-user";

    private readonly RabbitMqApi _api;
    private readonly TimeProvider _clock;
    private readonly string _prefix;

    /// <param name="settings">
    /// The target; its connection string has Url, Username and Password of the management API, and AccountPrefix unless that is governance.
    /// </param>
    /// <param name="clock">Stamps observations and bounds waiting.</param>
    public RabbitMqUserConnector(ConnectorSettings settings, TimeProvider clock)
    {
        var rabbit = RabbitMqSettings.OfPerGrant(settings);
        _api = new RabbitMqApi(rabbit, settings, clock);
        _clock = clock;
        _prefix = rabbit.AccountPrefix;
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public ConnectorCapabilities Capabilities { get; } =
        new()
        {
            NativeEnd = false,
            Sessions = true,
            Fencing = false,
            AccountPerGrant = true,
        };

    /// <inheritdoc/>
    public async Task<ApplyResult> ApplyAsync(DesiredHolding desired, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        deadline.RemainingOrThrow();
        var privilege = RabbitMqPrivilege.Find(desired.Privilege);
        if (privilege is null || !CanBeAsked(desired.Account))
        {
            return desired.Wanted ? throw RabbitMqConnector.Unknown(privilege) : new ApplyResult.Applied();
        }

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

        return new ApplyResult.Applied { Credentials = credentials };
    }

    /// <inheritdoc/>
    public async Task<ObservedHolding> ReadAsync(string account, string privilege, CancellationToken cancellationToken)
    {
        var asked = _clock.Now();
        if (RabbitMqPrivilege.Find(privilege) is not { } wanted || !CanBeAsked(account))
        {
            return new ObservedHolding
            {
                Direct = false,
                Effective = false,
                Accounts = [],
                ObservedAt = asked,
            };
        }

        var there = await FindAsync(account, privilege, deadline: null, cancellationToken);
        var effective = false;
        foreach (var user in there)
        {
            effective |=
                await PermissionAsync(wanted, user.Name, deadline: null, cancellationToken) is { } granted && granted.MayOverlap(wanted);
        }

        var own = await PermissionAsync(wanted, account, deadline: null, cancellationToken);
        string[] paths = own is not null && own.MayOverlap(wanted) ? ["the account's own permission " + own.Name] : [];
        return new ObservedHolding
        {
            Direct = there.Count > 0,
            Effective = effective || paths.Length > 0,
            Paths = paths,
            Accounts = [.. there.Select(user => new GrantAccount(user.Grant, user.Name, Until: null))],
            ObservedAt = asked,
        };
    }

    /// <inheritdoc/>
    public Task<HoldingPage> ListAsync(string? pageToken, CancellationToken cancellationToken) =>
        RabbitMqListing.PageAsync(
            _api,
            row =>
            {
                var user = GrantUser.Find(_prefix, row.User);
                return new ListedHolding
                {
                    Account = user?.Account ?? row.User,
                    Privilege = row.Privilege.Name,
                    Marker = user is null ? null : $"grant {user.Grant}",
                };
            },
            _clock,
            pageToken,
            cancellationToken
        );

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _api.Dispose();
        return ValueTask.CompletedTask;
    }

    private bool CanBeAsked(string account) =>
        account.Length > 0 && RabbitMqNames.CanBeAsked(GrantUser.Of(_prefix, Guid.Empty, account, "").Name);

    private async Task<List<GrantUser>> FindAsync(
        string account,
        string privilege,
        AttemptDeadline? deadline,
        CancellationToken cancellationToken
    ) =>
        [
            .. (await _api.ListUsersAsync(deadline, cancellationToken))
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
            ? (await _api.FindPermissionAsync(privilege.VirtualHost, user, deadline, cancellationToken))?.Privilege
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
            await _api.ExpectVirtualHostAsync(privilege.VirtualHost, deadline, cancellationToken);
        }

        string? password = null;
        if (asked)
        {
            password = GrantPassword.Create();
            var hash = RabbitMqPassword.Hash(password);
            if (!await _api.SetUserAsync(user, hash, deadline, cancellationToken))
            {
                throw Overtaken();
            }
        }
        else if (!exists)
        {
            // Whoever was faster may have given it a password.
            await _api.SetUserAsync(user, passwordHash: "", deadline, cancellationToken);
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
            await _api.SetPermissionAsync(privilege, user, deadline, cancellationToken);
        }
        catch (ConnectorException e) when (e.Code == ConnectorErrors.UnknownAccount)
        {
            throw Overtaken();
        }
    }

    private async Task RemoveAsync(string user, RabbitMqPrivilege privilege, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        // The user goes last: as long as it is there, an attempt that follows finds what this one left.
        await _api.DeletePermissionAsync(privilege.VirtualHost, user, deadline, cancellationToken);
        await RabbitMqSessions.EndAsync(_api, user, privilege.VirtualHost, deadline, _clock, cancellationToken);
        await _api.DeleteUserAsync(user, deadline, cancellationToken);
        await RabbitMqSessions.EndAsync(_api, user, virtualHost: null, deadline, _clock, cancellationToken);
    }

    private static ConnectorException Overtaken() =>
        new(ConnectorErrors.Error, "Somebody else made or took away the grant's user at the same moment.", isTransient: true);
}
