using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Governance.Connectors.PostgreSql;

/// <summary>Membership of a login role (the account) in a group role (the privilege), by GRANT and REVOKE. PostgreSQL 15 and later.</summary>
/// <remarks>
/// <para>
/// A change is one statement at the server, in one implicit transaction: under an advisory lock on (account, privilege) it looks at the
/// attempt's end on the server's own clock, raises the revision in <c>governance.holdings</c> of the target database, changes the
/// membership, and looks at the end again. So neither a client that was stopped for long nor one that died can change anything later.
/// </para>
/// <para>
/// The suite's account needs the right to grant the group roles, and CREATE on the database once, for the schema <c>governance</c>;
/// without that it works unfenced and says so in a warning. The fence belongs to a database while memberships belong to the cluster: two
/// targets in one cluster must not share group roles.
/// </para>
/// <para>
/// Absent means no direct membership by whatever grantor: one that was there before the suite's is removed too. What other grantors made
/// and the suite's account may not revoke stays, is read back as direct, and names its grantor.
/// </para>
/// </remarks>
public sealed class PostgreSqlConnector : IConnector
{
    /// <summary>Name of this kind.</summary>
    public const string KindName = "postgresql";

    private const int PageSize = 500;

    private readonly NpgsqlDataSource _target;
    private readonly PostgreSqlFence _fence;
    private readonly TimeProvider _clock;

    /// <param name="settings">The target; its connection string is Npgsql's.</param>
    /// <param name="clock">Stamps observations.</param>
    /// <param name="logger">Hears of a target that can't be fenced.</param>
    public PostgreSqlConnector(ConnectorSettings settings, TimeProvider clock, ILogger<PostgreSqlConnector> logger)
    {
        _target = PostgreSqlSettings.CreateSource(settings);
        _fence = new PostgreSqlFence(settings.Target, clock, logger);
        _clock = clock;
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public ConnectorCapabilities Capabilities { get; } =
        new()
        {
            NativeEnd = false,
            Sessions = false,
            Fencing = true,
            AccountPerGrant = false,
        };

    // When cancelled, Npgsql sends a cancel request and waits without end until that is answered; nobody else has to. What is left behind
    // ends at the server by itself.

    /// <inheritdoc/>
    public Task<ApplyResult> ApplyAsync(DesiredHolding desired, AttemptDeadline deadline, CancellationToken cancellationToken) =>
        ChangeAsync(desired, deadline, cancellationToken).WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<ObservedHolding> ReadAsync(string account, string privilege, CancellationToken cancellationToken) =>
        LookAsync(account, privilege, cancellationToken).WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<HoldingPage> ListAsync(string? pageToken, CancellationToken cancellationToken) =>
        PageAsync(pageToken, cancellationToken).WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _target.DisposeAsync();

    private async Task<ApplyResult> ChangeAsync(DesiredHolding desired, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        deadline.RemainingOrThrow();
        if (!desired.Wanted && !PostgreSqlNames.CanExist(desired.Account, desired.Privilege))
        {
            return new ApplyResult.Applied();
        }

        PostgreSqlNames.Check(desired.Account, desired.Privilege);
        var sent = false;
        try
        {
            await using var connection = await _target.OpenConnectionAsync(cancellationToken);
            var fenced = await _fence.EnsureAsync(connection, deadline, cancellationToken);
            var now = await ServerTimeAsync(connection, cancellationToken);
            await using var batch = Change(connection, desired, fenced, now, deadline.RemainingOrThrow());
            sent = true;
            await batch.ExecuteNonQueryAsync(cancellationToken);
            return new ApplyResult.Applied();
        }
        catch (Exception e) when (PostgreSqlErrors.IsOfTheTarget(e))
        {
            throw PostgreSqlErrors.Translate(e, sent);
        }
    }

    private async Task<ObservedHolding> LookAsync(string account, string privilege, CancellationToken cancellationToken)
    {
        var asked = _clock.Now();
        if (!PostgreSqlNames.CanExist(account, privilege))
        {
            return new ObservedHolding
            {
                Direct = false,
                Effective = false,
                ObservedAt = asked,
            };
        }

        try
        {
            await using var command = _target.CreateCommand(Sql.Read);
            command.Parameters.Add(new() { Value = account });
            command.Parameters.Add(new() { Value = privilege });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return new ObservedHolding
            {
                Direct = reader.GetBoolean(0),
                Effective = reader.GetBoolean(1),
                Paths = Paths(reader),
                Marker = await reader.IsDBNullAsync(4, cancellationToken) ? null : "granted by " + reader.GetString(4),
                ObservedAt = asked,
            };
        }
        catch (Exception e) when (PostgreSqlErrors.IsOfTheTarget(e))
        {
            throw PostgreSqlErrors.Translate(e, sent: false);
        }
    }

    private async Task<HoldingPage> PageAsync(string? pageToken, CancellationToken cancellationToken)
    {
        var after = PageToken.Parse(pageToken);
        var asOf = _clock.Now();
        try
        {
            await using var command = _target.CreateCommand(Sql.List);
            command.Parameters.Add(new() { Value = after.Account });
            command.Parameters.Add(new() { Value = after.Privilege });
            command.Parameters.Add(new() { Value = PageSize });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var items = new List<ListedHolding>();
            while (await reader.ReadAsync(cancellationToken))
            {
                items.Add(
                    new()
                    {
                        Account = reader.GetString(0),
                        Privilege = reader.GetString(1),
                        Marker = await reader.IsDBNullAsync(2, cancellationToken) ? null : "granted by " + reader.GetString(2),
                    }
                );
            }

            var next = items.Count == PageSize ? new PageToken(items[^1].Account, items[^1].Privilege).ToString() : null;
            return new HoldingPage
            {
                Items = items,
                NextPageToken = next,
                AsOf = asOf,
            };
        }
        catch (Exception e) when (PostgreSqlErrors.IsOfTheTarget(e))
        {
            throw PostgreSqlErrors.Translate(e, sent: false);
        }
    }

    private static NpgsqlBatch Change(
        NpgsqlConnection connection,
        DesiredHolding desired,
        bool fenced,
        DateTimeOffset serverNow,
        TimeSpan remaining
    )
    {
        var milliseconds = Math.Max(1, (long)remaining.TotalMilliseconds);
        var settings = new NpgsqlBatchCommand(Sql.Settings);
        string[] values =
        [
            milliseconds.ToString(CultureInfo.InvariantCulture),
            desired.Account,
            desired.Privilege,
            desired.Holder.ToString(),
            desired.Revision.ToString(CultureInfo.InvariantCulture),
            desired.Wanted ? "true" : "false",
            fenced ? "true" : "false",
            serverNow.UtcDateTime.AddMilliseconds(milliseconds).ToString("yyyy-MM-dd HH:mm:ss.ffffff'+00'", CultureInfo.InvariantCulture),
        ];
        foreach (var value in values)
        {
            settings.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        }

        return new NpgsqlBatch(connection) { BatchCommands = { settings, new NpgsqlBatchCommand(Sql.Apply) } };
    }

    private static async Task<DateTimeOffset> ServerTimeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select clock_timestamp()", connection);
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellationToken))!, TimeSpan.Zero);
    }

    private static string[] Paths(NpgsqlDataReader reader)
    {
        var paths = reader.GetFieldValue<string[]>(2).Order(StringComparer.Ordinal);
        var superuser = reader.GetBoolean(3);
        var effective = reader.GetBoolean(1);
        var direct = reader.GetBoolean(0);
        string[] all = superuser ? ["superuser", .. paths] : [.. paths];
        return effective && !direct && all.Length == 0 ? ["implicit membership"] : all;
    }
}
