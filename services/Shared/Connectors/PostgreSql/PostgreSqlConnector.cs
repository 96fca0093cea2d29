using Governance.Contracts.Lifecycle;
using Microsoft.Extensions.Logging;

namespace Governance.Connectors.PostgreSql;

/// <summary>Membership of a login role (the account) in a group role (the privilege), by GRANT and REVOKE. PostgreSQL 15 and later.</summary>
/// <remarks>
/// <para>
/// A change is one statement at the server, in one implicit transaction: it looks at the attempt's end on the server's own clock, raises the
/// revision in <c>governance.holdings</c> of the target database, changes the membership, and looks at the end again. So neither a client
/// that was stopped for long nor one that died can change anything later. An advisory lock on (account, privilege) keeps changes of several
/// holders apart; since anybody who may connect can hold it, it is waited for a second at most. So is every other lock: what can be taken
/// away is, and the failure names who holds up the rest.
/// </para>
/// <para>
/// The suite's account needs the right to grant the group roles, <c>pg_signal_backend</c> to end sessions, and CREATE on the database
/// once, for the schema <c>governance</c>; without that it works unfenced and says so in a warning. The fence belongs to a database while
/// memberships belong to the cluster: two targets in one cluster must not share group roles.
/// </para>
/// <para>
/// Absent means no direct membership by whatever grantor: one that was there before the suite's is removed too. What other grantors made
/// and the suite's account may not revoke, or what something depends on, stays, is read back as direct, and names its grantor and those that
/// depend on it.
/// </para>
/// <para>
/// A session that has done SET ROLE, an open cursor and a running statement keep the privilege after REVOKE, and nobody else can see which
/// sessions those are. So taking away ends all sessions of the account that are open at that moment, also when the membership is gone
/// already. Where its other work bears that less than a session that goes on, <c>EndSessions=false</c> leaves them alone; with
/// <c>EndSessions=members</c>, those of the account's members end as well, who may have done SET ROLE through it. What is left alone is told
/// as a path by which the access is effective until it ends. Superusers' are always left alone: they don't need the membership.
/// </para>
/// <para>
/// Where it is fenced, account and privilege are known by their oids as well: who was renamed since loses what was given to him, and whoever
/// bears the name by now does not get it.
/// </para>
/// </remarks>
public sealed partial class PostgreSqlConnector : IConnector
{
    /// <summary>Name of this kind.</summary>
    public const string KindName = TargetKinds.PostgreSql;

    private readonly PostgreSqlServer _server;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly string _target;
    private readonly SessionEnds _endSessions;

    /// <param name="settings">The target; its connection string is Npgsql's, with EndSessions unless that is true.</param>
    /// <param name="clock">Stamps observations.</param>
    /// <param name="logger">Hears of a target that can't be fenced.</param>
    public PostgreSqlConnector(ConnectorSettings settings, TimeProvider clock, ILogger<PostgreSqlConnector> logger)
    {
        var postgres = PostgreSqlSettings.Of(settings, perGrant: false);
        _server = new PostgreSqlServer(postgres, settings, clock, logger);
        _clock = clock;
        _logger = logger;
        _target = settings.Target;
        _endSessions = postgres.EndSessions;
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public ConnectorCapabilities Capabilities =>
        new()
        {
            NativeEnd = false,
            Sessions = _endSessions is not SessionEnds.None,
            Fencing = _server.Fenced is not false,
            AccountPerGrant = false,
        };

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
                var report = await change.ChangeMembershipAsync();
                foreach (var noted in report.Noted)
                {
                    Log.TakenAlong(_logger, _target, noted);
                }

                IReadOnlyList<string> goingOn = [];
                if (!desired.Wanted)
                {
                    (report, goingOn) = await EndSessionsAsync(change, report);
                }

                await change.ThrowIfUndoneAsync(report);
                return new ApplyResult.Applied { StillEffectiveBy = goingOn };
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
                Identity = ObservedHolding.AnyTarget,
                ObservedAt = _clock.Now(),
            };

    /// <inheritdoc/>
    public async Task<TargetPreflight> PreflightAsync(IReadOnlyCollection<TargetPlace> places, CancellationToken cancellationToken)
    {
        var rights = await _server.PreflightAsync(
            places.Select(place => place.Privilege),
            places.Select(place => place.Account),
            cancellationToken
        );
        var identity = rights.TellsIdentity ? await _server.IdentityAsync(cancellationToken) : null;
        return rights.For(identity, places, endsSessions: _endSessions != SessionEnds.None, makesRoles: false);
    }

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

    private async Task<(ChangeReport Report, IReadOnlyList<string> GoingOn)> EndSessionsAsync(PostgreSqlChange change, ChangeReport report)
    {
        if (
            report.Waited
            && _endSessions is not SessionEnds.None
            && (await change.HoldersAsync([], fence: true)).Any(holder => report.Accounts.Contains(holder.Role, StringComparer.Ordinal))
        )
        {
            // Nobody keeps access by holding what taking it away needs.
            await change.EndSessionsAsync(report.Accounts, _endSessions);
            report = await change.ChangeMembershipAsync();
        }

        return report.Keeps ? (report, []) : (report, await change.EndSessionsAsync(report.Accounts, _endSessions, report.Dropped));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static partial class Log
    {
        [LoggerMessage(
            4303,
            LogLevel.Warning,
            "At {Target}, what depended on a membership of the suite's was taken away with it: {What}",
            EventName = "DependentsTakenAlong"
        )]
        public static partial void TakenAlong(ILogger logger, string target, string what);
    }
}
