using Governance.Contracts.Lifecycle;
using Microsoft.Extensions.Logging;

namespace Governance.Connectors.PostgreSql;

/// <summary>Membership of a login role (the account) in a group role (the privilege), by GRANT and REVOKE. PostgreSQL 15 and later.</summary>
/// <remarks>
/// <para>
/// A change is one statement at the server, in one implicit transaction: it looks at the attempt's end on the server's own clock, raises the
/// revision in <c>governance.holdings</c> of the target database, changes the membership, and looks at the end again. So neither a client
/// that was stopped for long nor one that died can change anything later. An advisory lock on (account, privilege) keeps changes of several
/// holders apart; since anybody who may connect can hold it, it is waited for a second at most.
/// </para>
/// <para>
/// The suite's account needs the right to grant the group roles, <c>pg_signal_backend</c> to end sessions, and CREATE on the database
/// once, for the schema <c>governance</c>; without that it works unfenced and says so in a warning. The fence belongs to a database while
/// memberships belong to the cluster: two targets in one cluster must not share group roles.
/// </para>
/// <para>
/// Absent means no direct membership by whatever grantor: one that was there before the suite's is removed too. What other grantors made
/// and the suite's account may not revoke stays, is read back as direct, and names its grantor.
/// </para>
/// <para>
/// A session that has done SET ROLE, an open cursor and a running statement keep the privilege after REVOKE, and nobody else can see which
/// sessions those are. So taking away ends all sessions of the account that are open at that moment, also when the membership is gone
/// already. Where its other work bears that less than a session that goes on, <c>EndSessions=false</c> leaves them alone. Superusers'
/// are always left alone: they don't need the membership.
/// </para>
/// </remarks>
public sealed class PostgreSqlConnector : IConnector
{
    /// <summary>Name of this kind.</summary>
    public const string KindName = TargetKinds.PostgreSql;

    private readonly PostgreSqlServer _server;
    private readonly TimeProvider _clock;
    private readonly bool _endSessions;

    /// <param name="settings">The target; its connection string is Npgsql's, with EndSessions unless that is true.</param>
    /// <param name="clock">Stamps observations.</param>
    /// <param name="logger">Hears of a target that can't be fenced.</param>
    public PostgreSqlConnector(ConnectorSettings settings, TimeProvider clock, ILogger<PostgreSqlConnector> logger)
    {
        var postgres = PostgreSqlSettings.Of(settings, perGrant: false);
        _server = new PostgreSqlServer(postgres, settings, clock, logger);
        _clock = clock;
        _endSessions = postgres.EndSessions;
        Capabilities = new()
        {
            NativeEnd = false,
            Sessions = postgres.EndSessions,
            Fencing = true,
            AccountPerGrant = false,
        };
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public ConnectorCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public async Task<ApplyResult> ApplyAsync(DesiredHolding desired, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        deadline.RemainingOrThrow();
        if (!desired.Wanted && !PostgreSqlNames.CanExist(desired.Account, desired.Privilege))
        {
            return new ApplyResult.Applied();
        }

        PostgreSqlNames.Check(desired.Account, desired.Privilege);
        return await _server.ChangeAsync(
            desired,
            deadline,
            async change =>
            {
                await change.ChangeMembershipAsync();
                if (!desired.Wanted && _endSessions)
                {
                    await change.EndSessionsAsync([desired.Account]);
                }

                return new ApplyResult.Applied();
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public async Task<ObservedHolding> ReadAsync(string account, string privilege, CancellationToken cancellationToken) =>
        PostgreSqlNames.CanExist(account, privilege)
            ? await _server.ReadMembershipAsync(account, privilege, cancellationToken)
            : new ObservedHolding
            {
                Direct = false,
                Effective = false,
                ObservedAt = _clock.Now(),
            };

    /// <inheritdoc/>
    public Task<HoldingPage> ListAsync(string? pageToken, CancellationToken cancellationToken) =>
        _server.ListAsync(
            Sql.List,
            pageToken,
            more: [],
            row =>
                new()
                {
                    Account = row.GetString(0),
                    Privilege = row.GetString(1),
                    Marker = row.Text(2) is { } grantors ? "granted by " + grantors : null,
                },
            cancellationToken
        );

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
