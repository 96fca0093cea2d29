namespace Governance.Connectors.RabbitMq;

/// <summary>What connectors to a broker have in common.</summary>
public abstract class RabbitMqConnectorBase : IConnector
{
    private const int MaxNarrowed = 20;

    private protected RabbitMqConnectorBase(RabbitMqApi api, TimeProvider clock, bool accountPerGrant)
    {
        Api = api;
        Clock = clock;
        Capabilities = new()
        {
            NativeEnd = false,
            Sessions = true,
            Fencing = false,
            AccountPerGrant = accountPerGrant,
        };
    }

    /// <inheritdoc/>
    public abstract string Kind { get; }

    /// <inheritdoc/>
    public ConnectorCapabilities Capabilities { get; }

    private protected RabbitMqApi Api { get; }

    private protected TimeProvider Clock { get; }

    /// <inheritdoc/>
    public async Task<ApplyResult> ApplyAsync(DesiredHolding desired, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        deadline.RemainingOrThrow();
        var privilege = RabbitMqPrivilege.Find(desired.Privilege);
        if (privilege is not null && CanBeAsked(desired.Account))
        {
            return new ApplyResult.Applied { Credentials = await ChangeAsync(desired, privilege, deadline, cancellationToken) };
        }

        return desired.Wanted ? throw Unknown(privilege) : new ApplyResult.Applied();
    }

    /// <inheritdoc/>
    public async Task<ObservedHolding> ReadAsync(string account, string privilege, CancellationToken cancellationToken)
    {
        var asked = Clock.Now();
        return RabbitMqPrivilege.Find(privilege) is { } wanted && CanBeAsked(account)
            ? await LookAsync(account, wanted, asked, cancellationToken) with
            {
                Identity = await IdentityAsync(cancellationToken),
            }
            : NotHeld(asked, []) with
            {
                Identity = ObservedHolding.AnyTarget,
            };
    }

    /// <inheritdoc/>
    public async Task<TargetPreflight> PreflightAsync(IReadOnlyCollection<TargetPlace> places, CancellationToken cancellationToken)
    {
        var me = await Api.WhoAmIAsync(cancellationToken);
        return new()
        {
            Identity = await IdentityAsync(cancellationToken),
            Obstacles = me.IsAdministrator
                ? []
                : ["The suite's user may not take permissions away: it needs the tag administrator (rabbitmqctl set_user_tags)."],
        };
    }

    /// <inheritdoc/>
    public Task<HoldingPage> ListAsync(string? pageToken, CancellationToken cancellationToken) =>
        RabbitMqListing.PageAsync(Api, Listed, Clock, pageToken, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Api.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private protected abstract bool CanBeAsked(string account);

    private protected abstract Task<IReadOnlyList<Credential>> ChangeAsync(
        DesiredHolding desired,
        RabbitMqPrivilege privilege,
        AttemptDeadline deadline,
        CancellationToken cancellationToken
    );

    private protected abstract Task<ObservedHolding> LookAsync(
        string account,
        RabbitMqPrivilege privilege,
        DateTimeOffset asked,
        CancellationToken cancellationToken
    );

    private protected abstract ListedHolding Listed(PermissionRow row);

    /// <summary>What narrows what the user has on the virtual host, by exchange.</summary>
    private protected async Task<string[]> NarrowedAsync(string virtualHost, string user, CancellationToken cancellationToken) =>
        [
            .. (await Api.ListTopicsAsync(virtualHost, user, cancellationToken))
                .Select(row => row.ToString())
                .Order(StringComparer.Ordinal)
                .Take(MaxNarrowed),
        ];

    private protected ObservedHolding NotHeld(DateTimeOffset asked, string[] paths) =>
        new()
        {
            Direct = false,
            Effective = paths.Length > 0,
            Paths = paths,
            Accounts = Capabilities.AccountPerGrant ? [] : null,
            ObservedAt = asked,
        };

    private async Task<string> IdentityAsync(CancellationToken cancellationToken) =>
        "rabbitmq:" + await Api.ClusterNameAsync(cancellationToken);

    private static ConnectorException Unknown(RabbitMqPrivilege? privilege) =>
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
