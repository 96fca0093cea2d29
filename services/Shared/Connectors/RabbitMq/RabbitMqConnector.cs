using Governance.Contracts.Lifecycle;

namespace Governance.Connectors.RabbitMq;

/// <summary>Permissions of existing users on virtual hosts, over the management API. RabbitMQ 3.10 and later.</summary>
/// <remarks>
/// <para>
/// A privilege is named <c>vhost?configure=…&amp;write=…&amp;read=…</c>: the virtual host, then RabbitMQ's three regular expressions in
/// this order. One that is left out permits nothing; <c>orders</c> alone permits to connect. <c>%</c> is written <c>%25</c>, <c>&amp;</c>
/// <c>%26</c>, <c>?</c> in a virtual host <c>%3F</c>, a control character so too, and everything else stands for itself. So each permission
/// has exactly one name, and what is listed is what was permitted. Topic permissions narrow it at topic exchanges: they are read back with it,
/// and are nobody's to change here.
/// </para>
/// <para>
/// A user has one permission on a virtual host. Whoever has another one there is refused until it is gone, and taking a privilege away
/// leaves another one alone; for several at once there are accounts per grant (<see cref="RabbitMqUserConnector"/>).
/// </para>
/// <para>
/// Since channels remember what they were allowed, taking away closes the user's connections to the virtual host, also when another
/// permission is there by then: nobody can see which of the two a channel remembers. They may connect again with that one. The broker has
/// no transactions and keeps no revisions: nothing is sent after the attempt's end, but what is under way by then may still arrive.
/// </para>
/// </remarks>
public sealed class RabbitMqConnector : RabbitMqConnectorBase
{
    /// <summary>Name of this kind.</summary>
    public const string KindName = TargetKinds.RabbitMq;

    /// <param name="settings">The target; its connection string has Url, Username and Password of the management API.</param>
    /// <param name="clock">Stamps observations and bounds waiting.</param>
    public RabbitMqConnector(ConnectorSettings settings, TimeProvider clock)
        : base(new RabbitMqApi(RabbitMqSettings.Of(settings), settings, clock), clock, accountPerGrant: false) { }

    /// <inheritdoc/>
    public override string Kind => KindName;

    private protected override bool CanBeAsked(string account) => RabbitMqNames.CanBeAsked(account);

    private protected override async Task<IReadOnlyList<Credential>> ChangeAsync(
        DesiredHolding desired,
        RabbitMqPrivilege privilege,
        AttemptDeadline deadline,
        CancellationToken cancellationToken
    )
    {
        if (desired.Wanted)
        {
            await GiveAsync(desired.Account, privilege, deadline, cancellationToken);
        }
        else
        {
            await TakeAsync(desired.Account, privilege, deadline, cancellationToken);
        }

        return [];
    }

    private protected override async Task<ObservedHolding> LookAsync(
        string account,
        RabbitMqPrivilege privilege,
        DateTimeOffset asked,
        CancellationToken cancellationToken
    )
    {
        var there = (await Api.FindPermissionAsync(privilege.VirtualHost, account, deadline: null, cancellationToken))?.Privilege;
        if (there == privilege)
        {
            return new ObservedHolding
            {
                Direct = true,
                Effective = true,
                Narrowed = await NarrowedAsync(privilege.VirtualHost, account, cancellationToken),
                ObservedAt = asked,
            };
        }

        // Asked in any case: an answer shows that this is a broker's API, where "not found" means that.
        var open = await RabbitMqSessions.OpenAsync(Api, account, privilege.VirtualHost, deadline: null, cancellationToken);
        return there is null
            ? NotHeld(asked, open.Count > 0 ? ["an open connection"] : [])
            : NotHeld(asked, there.MayOverlap(privilege) ? ["the permission " + there.Name] : []);
    }

    private protected override ListedHolding Listed(PermissionRow row) => new() { Account = row.User, Privilege = row.Privilege.Name };

    private async Task GiveAsync(string account, RabbitMqPrivilege privilege, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        var there = (await Api.FindPermissionAsync(privilege.VirtualHost, account, deadline, cancellationToken))?.Privilege;
        if (there is null)
        {
            await Api.SetPermissionAsync(privilege, account, deadline, cancellationToken);
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
        var there = (await Api.FindPermissionAsync(privilege.VirtualHost, account, deadline, cancellationToken))?.Privilege;
        if (there == privilege)
        {
            await Api.DeletePermissionAsync(privilege.VirtualHost, account, deadline, cancellationToken);
        }

        // Also when it was gone already, or another one is in its place: the attempt before may have died in between.
        var mayReturn = there is not null && there != privilege;
        await RabbitMqSessions.EndAsync(Api, account, privilege.VirtualHost, mayReturn, deadline, Clock, cancellationToken);
    }
}
