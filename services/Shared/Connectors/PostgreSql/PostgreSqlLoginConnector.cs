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
/// The native end is VALID UNTIL, the lease's own: from then on the server takes the password no more, also when the suite is down. It says
/// nothing to logins without a password (certificates, Kerberos, trust), which <c>pg_hba.conf</c> must not offer to these roles, and a
/// session that is open then goes on until the suite ends it with the grant.
/// </para>
/// <para>
/// Taking away first shuts the role (NOLOGIN, no password, no membership), then ends its sessions and waits until they are gone, then drops
/// it. Where one of its sessions holds the role so that it can't be shut, they are ended before as well. What it owns in the
/// target's database goes to the privilege's role; what it was given there by others is revoked. What it owns or was given in other
/// databases of the cluster can't be reached: the role then stays, shut, and the failure names those databases.
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

    private readonly PostgreSqlServer _server;
    private readonly TimeProvider _clock;
    private readonly string _prefix;
    private readonly string _database;

    /// <param name="settings">The target; its connection string is Npgsql's, with AccountPrefix unless that is governance.</param>
    /// <param name="clock">Stamps observations.</param>
    /// <param name="logger">Hears of a target that can't be fenced.</param>
    public PostgreSqlLoginConnector(ConnectorSettings settings, TimeProvider clock, ILogger<PostgreSqlLoginConnector> logger)
    {
        var postgres = PostgreSqlSettings.Of(settings, perGrant: true);
        _server = new PostgreSqlServer(postgres, settings, clock, logger);
        _clock = clock;
        _prefix = postgres.AccountPrefix;
        _database = postgres.Database;
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public ConnectorCapabilities Capabilities { get; } =
        new()
        {
            NativeEnd = true,
            Sessions = true,
            Fencing = true,
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
                ObservedAt = asked,
            };
        }

        var logins = await _server.ReadAsync(
            Sql.ReadLogins,
            [GrantRole.PatternOf(_prefix, account, privilege), privilege],
            row =>
                (
                    Account: new GrantAccount(
                        GrantRole.GrantOf(_prefix, row.GetString(0)),
                        row.GetString(0),
                        row.IsDBNull(1) ? null : row.GetFieldValue<DateTimeOffset>(1)
                    ),
                    Effective: row.GetBoolean(2)
                ),
            cancellationToken
        );
        var own = await _server.ReadMembershipAsync(account, privilege, cancellationToken);
        var endless = logins.Any(login => login.Account.Until is null);
        return new ObservedHolding
        {
            Direct = logins.Count > 0,
            Effective = own.Effective || logins.Any(login => login.Effective),
            Paths = own.Direct ? ["the account's own membership", .. own.Paths] : own.Paths,
            Accounts = [.. logins.Select(login => login.Account)],
            Until = endless ? null : logins.Max(login => login.Account.Until),
            ObservedAt = asked,
        };
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

        var logins = GrantRole.PatternOf(_prefix, desired.Account, desired.Privilege);
        (string, string)[] settings =
        [
            ("governance.logins", logins),
            ("governance.leases", JsonSerializer.Serialize(leases, WireJson.Strict)),
        ];
        // By itself: what keeps an account from being opened must not keep another one open.
        await change.RunAsync(Sql.ShutLogins, settings);
        if (desired.Wanted)
        {
            await change.RunAsync(Sql.OpenLogins, settings);
        }

        var ended = (await change.ReadAsync(Sql.FindLogins, [logins], row => row.GetString(0))).Where(name => !leases.ContainsKey(name));
        try
        {
            await RemoveAsync(change, [.. ended]);
        }
        catch (PostgresException e) when (credentials.Count > 0 && !PostgreSqlErrors.Translate(e, sent: true).MayHaveHappened)
        {
            // Another grant's role that can't be dropped must not cost this one the password that was just made. It is shut, and reading
            // back shows that it is still there.
        }

        return new ApplyResult.Applied { Credentials = credentials };
    }

    private static async Task RemoveAsync(PostgreSqlChange change, string[] ended)
    {
        if (ended.Length == 0)
        {
            return;
        }

        await change.EndSessionsAsync(ended);
        ExceptionDispatchInfo? failure = null;
        foreach (var login in ended)
        {
            try
            {
                await change.RunAsync(Sql.DropLogin, ("governance.login", login));
            }
            catch (PostgresException e) when (!PostgreSqlErrors.Translate(e, sent: true).MayHaveHappened)
            {
                failure ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        failure?.Throw();
    }

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
