namespace Governance.Connectors.RabbitMq;

/// <summary>Permissions of existing users on virtual hosts, over the management API. RabbitMQ 3.10 and later.</summary>
/// <remarks>
/// <para>
/// A privilege is named <c>vhost?configure=…&amp;write=…&amp;read=…</c>: the virtual host, then RabbitMQ's three regular expressions in
/// this order. One that is left out permits nothing; <c>orders</c> alone permits to connect. <c>%</c> is written <c>%25</c>, <c>&amp;</c>
/// <c>%26</c>, <c>?</c> in a virtual host <c>%3F</c>, a control character so too, and everything else stands for itself. So each permission
/// has exactly one name, and what is listed is what was permitted. Topic permissions are not looked at: RabbitMQ uses them to restrict.
/// </para>
/// <para>
/// A user has one permission on a virtual host. Whoever has another one there is refused until it is gone, and taking a privilege away
/// leaves another one alone; for several at once there are accounts per grant (<see cref="RabbitMqUserConnector"/>).
/// </para>
/// <para>
/// Since channels remember what they were allowed, taking away closes the user's connections to the virtual host. The broker has no
/// transactions and keeps no revisions: nothing is sent after the attempt's end, but what is under way by then may still arrive.
/// </para>
/// </remarks>
public sealed class RabbitMqConnector : IConnector
{
    /// <summary>Name of this kind.</summary>
    public const string KindName = "rabbitmq";

    private readonly RabbitMqApi _api;
    private readonly TimeProvider _clock;

    /// <param name="settings">The target; its connection string has Url, Username and Password of the management API.</param>
    /// <param name="clock">Stamps observations and bounds waiting.</param>
    public RabbitMqConnector(ConnectorSettings settings, TimeProvider clock)
    {
        _api = new RabbitMqApi(RabbitMqSettings.Of(settings), settings, clock);
        _clock = clock;
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
            AccountPerGrant = false,
        };

    /// <inheritdoc/>
    public async Task<ApplyResult> ApplyAsync(DesiredHolding desired, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        deadline.RemainingOrThrow();
        var privilege = RabbitMqPrivilege.Find(desired.Privilege);
        var known = privilege is not null && RabbitMqNames.CanBeAsked(desired.Account);
        if (desired.Wanted)
        {
            await GiveAsync(known ? desired.Account : throw Unknown(privilege), privilege!, deadline, cancellationToken);
        }
        else if (known)
        {
            await TakeAsync(desired.Account, privilege!, deadline, cancellationToken);
        }

        return new ApplyResult.Applied();
    }

    /// <inheritdoc/>
    public async Task<ObservedHolding> ReadAsync(string account, string privilege, CancellationToken cancellationToken)
    {
        var asked = _clock.Now();
        if (RabbitMqPrivilege.Find(privilege) is not { } wanted || !RabbitMqNames.CanBeAsked(account))
        {
            return NotHeld(asked, []);
        }

        var there = (await _api.FindPermissionAsync(wanted.VirtualHost, account, deadline: null, cancellationToken))?.Privilege;
        if (there == wanted)
        {
            return new ObservedHolding
            {
                Direct = true,
                Effective = true,
                ObservedAt = asked,
            };
        }

        // Asked in any case: an answer shows that this is a broker's API, where "not found" means that.
        var open = await RabbitMqSessions.OpenAsync(_api, account, wanted.VirtualHost, deadline: null, cancellationToken);
        return there is null
            ? NotHeld(asked, open.Count > 0 ? ["an open connection"] : [])
            : NotHeld(asked, there.MayOverlap(wanted) ? ["the permission " + there.Name] : []);
    }

    /// <inheritdoc/>
    public Task<HoldingPage> ListAsync(string? pageToken, CancellationToken cancellationToken) =>
        RabbitMqListing.PageAsync(
            _api,
            row => new ListedHolding { Account = row.User, Privilege = row.Privilege.Name },
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

    private async Task GiveAsync(string account, RabbitMqPrivilege privilege, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        var there = (await _api.FindPermissionAsync(privilege.VirtualHost, account, deadline, cancellationToken))?.Privilege;
        if (there is null)
        {
            await _api.SetPermissionAsync(privilege, account, deadline, cancellationToken);
        }
        else if (there != privilege)
        {
            throw new ConnectorException(
                ConnectorErrors.Refused,
                $"A user has one permission on a virtual host, and the account has another one there: {there.Name}"
            );
        }
    }

    private async Task TakeAsync(string account, RabbitMqPrivilege privilege, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        var there = (await _api.FindPermissionAsync(privilege.VirtualHost, account, deadline, cancellationToken))?.Privilege;
        if (there is not null && there != privilege)
        {
            return;
        }

        if (there is not null)
        {
            await _api.DeletePermissionAsync(privilege.VirtualHost, account, deadline, cancellationToken);
        }

        // Also when it was gone already: the attempt before may have died in between.
        await RabbitMqSessions.EndAsync(_api, account, privilege.VirtualHost, deadline, _clock, cancellationToken);
    }

    private static ObservedHolding NotHeld(DateTimeOffset asked, string[] paths) =>
        new()
        {
            Direct = false,
            Effective = paths.Length > 0,
            Paths = paths,
            ObservedAt = asked,
        };

    internal static ConnectorException Unknown(RabbitMqPrivilege? privilege) =>
        privilege is null
            ? new(
                ConnectorErrors.UnknownPrivilege,
                "The privilege's name is no permission of RabbitMQ's: it has to be vhost?configure=…&write=…&read=…, with % & and ? escaped."
            )
            : new(
                ConnectorErrors.UnknownAccount,
                "The account's name can't be a RabbitMQ user: empty, \".\" or \"..\", longer than 255 bytes, or with a control character."
            );
}
