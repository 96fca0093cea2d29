using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using Governance.Contracts.Lifecycle;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Governance.Connectors.PostgreSql;

/// <summary>A login role for each grant, which is a member of a group role (the privilege). PostgreSQL 15 and later.</summary>
/// <remarks>
/// <para>
/// A role is named <c>governance_</c>, the grant's id, and a digest of account and privilege, both of which its comment says; the account
/// need not exist. Another installation at the same cluster needs another <c>AccountPrefix</c>. Changes are made and fenced as by
/// <see cref="PostgreSqlConnector"/>.
/// </para>
/// <para>
/// The connector makes the passwords; the server, its log and its statistics get to see a SCRAM verifier. A role whose credential nobody
/// asked for has no password. A role may change its own password with ALTER ROLE, as any role may; asking for a credential replaces that.
/// </para>
/// <para>
/// A role can have at most <c>ConnectionLimit</c> connections (100), so that none of them takes up all that the server has.
/// </para>
/// <para>
/// The native end is VALID UNTIL, the lease's own: from then on the server takes the password no more, also when the suite is down. It says
/// nothing to logins without a password (certificates, Kerberos, trust), which <c>pg_hba.conf</c> must not offer to these roles, and a
/// session that is open then goes on until the suite ends it with the grant.
/// </para>
/// <para>
/// Taking away first revokes the role's memberships, then shuts it (NOLOGIN, no password), then ends its sessions and waits until they are
/// gone, then drops it. Each is done whatever becomes of the others, and no lock is waited for longer than a second: the failure names who holds
/// it. Where one of its own sessions holds the role so that it can't be shut, they are ended before as well.
/// </para>
/// <para>
/// What it owns in the target's database goes to a role without any rights (<c>governance_heir</c>), so that no view or function goes on with
/// rights; what it was given there by others is revoked. What that role may not own (functions in a schema where it can't create any), what
/// others gave and the suite may not revoke, and what there is in other databases of the cluster stays with the login, which is shut, and the
/// failure names these objects and databases.
/// </para>
/// <para>
/// Where it is fenced, each role is known by its oid as well: one that was renamed since is still its grant's, and ends under the name that
/// it has. Its comment, which goes with the role, tells it from another one that has got the oid. A role that the fence does not know and that
/// only has the comment is left alone, and told as a path by which the access is effective. So is the group role known: as long as one of the
/// holding's roles is a member of it, and it is called something else now, nothing is given by whoever bears its name.
/// </para>
/// <para>
/// The suite's account needs CREATEROLE, ADMIN OPTION on the group roles (from version 16 on), <c>pg_signal_backend</c>, and CREATE on the
/// database for the fence.
/// </para>
/// </remarks>
public sealed class PostgreSqlLoginConnector : IConnector
{
    /// <summary>Name of this kind.</summary>
    public const string KindName = TargetKinds.PostgreSqlLogin;

    private const int MostLatecomers = 5;

    // Also where other logins of the holding stay.
    private static readonly (string, string) TakesAway = ("governance.wanted", "false");

    private readonly PostgreSqlServer _server;
    private readonly TimeProvider _clock;
    private readonly string _prefix;
    private readonly string _connectionLimit;
    private readonly string _database;

    /// <param name="settings">The target; its connection string is Npgsql's, with AccountPrefix unless that is governance, and ConnectionLimit unless that is 100.</param>
    /// <param name="clock">Stamps observations.</param>
    /// <param name="logger">Hears of a target that can't be fenced.</param>
    public PostgreSqlLoginConnector(ConnectorSettings settings, TimeProvider clock, ILogger<PostgreSqlLoginConnector> logger)
    {
        var postgres = PostgreSqlSettings.Of(settings, perGrant: true);
        _server = new PostgreSqlServer(postgres, settings, clock, logger);
        _clock = clock;
        _prefix = postgres.AccountPrefix;
        _connectionLimit = postgres.ConnectionLimit.ToString(CultureInfo.InvariantCulture);
        _database = postgres.Database;
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public ConnectorCapabilities Capabilities =>
        new()
        {
            NativeEnd = true,
            Sessions = true,
            Fencing = _server.Fenced is not false,
            AccountPerGrant = true,
        };

    /// <inheritdoc/>
    public async Task<ApplyResult> ApplyAsync(DesiredHolding desired, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        deadline.RemainingOrThrow();
        if (!desired.Wanted && !PostgreSqlNames.CanBeGranted(desired.Account, desired.Privilege))
        {
            return new ApplyResult.Applied();
        }

        PostgreSqlNames.CheckGranted(desired.Account, desired.Privilege);
        return await _server.ChangeAsync(desired, deadline, change => ChangeAsync(change, desired), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ObservedHolding> ReadAsync(string account, string privilege, CancellationToken cancellationToken)
    {
        var asked = _clock.Now();
        if (!PostgreSqlNames.CanBeGranted(account, privilege))
        {
            return new ObservedHolding
            {
                Direct = false,
                Effective = false,
                Accounts = [],
                Identity = ObservedHolding.AnyTarget,
                ObservedAt = asked,
            };
        }

        var (found, own) = await _server.ReadWithMembershipAsync(
            Sql.ReadKnownLogins,
            Sql.ReadLogins,
            [
                GrantRole.PatternOf(_prefix, account, privilege),
                privilege,
                GrantRole.NoteOf(account, privilege),
                GrantRole.PatternOfAny(account, privilege),
            ],
            row => FoundLogin.Of(_prefix, row),
            account,
            privilege,
            cancellationToken
        );
        var logins = found.Where(login => login.IsOfAGrant).ToList();
        // Nobody can tell whether it is one, or somebody has copied the comment: it is not touched, and told.
        var doubtful = found.Except(logins).Where(login => login.Effective).Select(login => login.Doubt).ToList();
        var endless = logins.Any(login => login.Account.Until is null);
        return new ObservedHolding
        {
            Direct = logins.Count > 0,
            Effective = own.Effective || found.Any(login => login.Effective),
            Paths = [.. (own.Direct ? (string[])["the account's own membership"] : []), .. own.Paths, .. doubtful],
            Accounts = [.. logins.Select(login => login.Account)],
            Until = endless ? null : logins.Max(login => login.Account.Until),
            Marker = string.Join("; ", logins.Where(login => login.Renamed).Select(login => login.Rename)) is { Length: > 0 } renamed
                ? renamed
                : null,
            Fenced = own.Fenced,
            Identity = own.Identity,
            ObservedAt = asked,
        };
    }

    /// <inheritdoc/>
    public async Task<TargetPreflight> PreflightAsync(IReadOnlyCollection<TargetPlace> places, CancellationToken cancellationToken)
    {
        var rights = await _server.PreflightAsync(places.Select(place => place.Privilege), [], cancellationToken);
        var identity = rights.TellsIdentity ? await _server.IdentityAsync(cancellationToken) : null;
        return rights.For(identity, places, endsSessions: true, makesRoles: true);
    }

    /// <inheritdoc/>
    public Task<HoldingPage> ListAsync(string? pageToken, CancellationToken cancellationToken) =>
        _server.ListAsync(
            Sql.ListLogins,
            pageToken,
            [GrantRole.PatternOf(_prefix)],
            row => Listed(row.GetString(0), row.GetString(1), row.Text(2), row.Text(3)),
            cancellationToken
        );

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task<ApplyResult> ChangeAsync(PostgreSqlChange change, DesiredHolding desired)
    {
        List<Credential> credentials = [];
        var leases = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var lease in desired.Leases)
        {
            var role = new GrantRole(_prefix, lease.GrantId, desired.Account, desired.Privilege);
            string? verifier = null;
            if (desired.CredentialsFor.Contains(lease.GrantId))
            {
                var password = GrantPassword.Create();
                verifier = ScramVerifier.Of(password);
                credentials.Add(new(lease.GrantId, [new("username", role.Name), new("password", password), new("database", _database)]));
            }

            leases.Add(
                role.Name,
                new
                {
                    lease.Until,
                    verifier,
                    role.Note,
                }
            );
        }

        (string, string)[] settings =
        [
            ("governance.logins", GrantRole.PatternOf(_prefix, desired.Account, desired.Privilege)),
            ("governance.note", GrantRole.NoteOf(desired.Account, desired.Privilege)),
            ("governance.connection_limit", _connectionLimit),
            ("governance.leases", JsonSerializer.Serialize(leases, WireJson.Strict)),
        ];
        // Each by itself: what keeps one of them from being done must not keep the others. The membership goes first, since that is the access.
        (string, string)[] taking = [.. settings, TakesAway];
        var report = (await change.RunAsync(Sql.RevokeLogins, taking)).With(await change.RunAsync(Sql.ShutLogins, taking));
        var opened = desired.Wanted ? await TryAsync(() => change.RunAsync(Sql.OpenLogins, settings)) : null;
        List<string> goingOn = [];
        try
        {
            await RemoveAsync(change, taking, report, goingOn);
            opened?.Throw();
        }
        catch (Exception e) when (credentials.Count > 0 && opened is null && SaysThatNothingMayHappen(e))
        {
            // Another grant's role that can't be dropped must not cost this one the password that was just made. It is shut, and reading
            // back shows that it is still there.
        }

        return new ApplyResult.Applied { Credentials = credentials, StillEffectiveBy = goingOn };
    }

    private async Task RemoveAsync(PostgreSqlChange change, (string, string)[] settings, ChangeReport report, List<string> goingOn)
    {
        string[] ended = [.. report.Accounts];
        ExceptionDispatchInfo? failure = null;
        if (ended.Length > 0)
        {
            failure = await TryAsync(async () => goingOn.AddRange(await change.EndSessionsAsync(ended, SessionEnds.Own)));
            foreach (var login in ended)
            {
                var kept = await TryAsync(async () => report = report.With(await DropAsync(change, settings, login)));
                failure ??= kept;
            }
        }

        // Says who holds it up, which is more than that a session is still there.
        await change.ThrowIfUndoneAsync(report, ended);
        failure?.Throw();
    }

    private async Task<ChangeReport> DropAsync(PostgreSqlChange change, (string, string)[] settings, string login)
    {
        for (var again = 0; ; again++)
        {
            try
            {
                return await change.RunAsync(
                    Sql.DropLogin,
                    [.. settings, ("governance.login", login), ("governance.heir", GrantRole.HeirOf(_prefix))]
                );
            }
            catch (PostgresException e) when (e.SqlState is "GV005" && again < MostLatecomers)
            {
                // Whoever was about to log in while the role was shut appears only now.
                await change.EndSessionsAsync([login], SessionEnds.Own);
            }
        }
    }

    private static async Task<ExceptionDispatchInfo?> TryAsync(Func<Task> step)
    {
        try
        {
            await step();
            return null;
        }
        catch (Exception e) when (SaysThatNothingMayHappen(e))
        {
            return ExceptionDispatchInfo.Capture(e);
        }
    }

    private static bool SaysThatNothingMayHappen(Exception exception) =>
        exception is ConnectorException { MayHaveHappened: false }
        || (exception is PostgresException && !PostgreSqlErrors.Translate(exception, sent: true).MayHaveHappened);

    private ListedHolding? Listed(string account, string privilege, string? grantors, string? comment) =>
        GrantRole.Find(_prefix, account, comment) is { } role
            ? new()
            {
                Account = role.Account,
                Privilege = privilege.Length > 0 ? privilege : role.Privilege,
                Marker = $"grant {role.Grant}",
            }
        : privilege.Length == 0 ? null
        : new()
        {
            Account = account,
            Privilege = privilege,
            Marker = grantors is null ? null : "granted by " + grantors,
        };
}
