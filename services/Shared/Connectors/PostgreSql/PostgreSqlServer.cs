using Governance.Connectors.Http;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Governance.Connectors.PostgreSql;

/// <summary>A target as its connectors talk to it: what fails is translated, and nobody waits for more than was asked for.</summary>
internal sealed class PostgreSqlServer : IAsyncDisposable
{
    private const int PageSize = 500;

    private readonly NpgsqlDataSource _source;
    private readonly PostgreSqlFence _fence;
    private readonly MembershipFunction _membership;
    private readonly TimeProvider _clock;
    private bool? _tellsIdentity;

    public PostgreSqlServer(PostgreSqlSettings postgres, ConnectorSettings settings, TimeProvider clock, ILogger logger)
    {
        _source = postgres.CreateSource(settings);
        _fence = new PostgreSqlFence(settings.Target, clock, logger);
        _membership = new MembershipFunction(postgres.SessionsLast, clock);
        _clock = clock;
    }

    // When cancelled, Npgsql sends a cancel request and waits without end until that is answered; nobody else has to. What is left behind
    // ends at the server by itself.

    /// <summary>Changes what a holding has there, by one or more statements.</summary>
    public Task<ApplyResult> ChangeAsync(
        DesiredHolding desired,
        AttemptDeadline deadline,
        Func<PostgreSqlChange, Task<ApplyResult>> change,
        CancellationToken cancellationToken
    )
    {
        return ChangeAsync().WaitAsync(cancellationToken);

        async Task<ApplyResult> ChangeAsync()
        {
            PostgreSqlChange? begun = null;
            var session = 0;
            try
            {
                await using var connection = await _source.OpenConnectionAsync(cancellationToken);
                session = connection.ProcessID;
                begun = await PostgreSqlChange.BeginAsync(connection, desired, _fence, _membership, deadline, cancellationToken);
                return await change(begun);
            }
            catch (Exception e) when (PostgreSqlErrors.IsOfTheTarget(e))
            {
                var failure = PostgreSqlErrors.Translate(e, begun?.Sent ?? false);
                throw failure.MayHaveHappened && await CutSession.IsGoneAsync(_source, session, deadline, _clock, cancellationToken)
                    ? PostgreSqlErrors.Gone(failure)
                    : failure;
            }
        }
    }

    /// <summary>Asks for one row after the other.</summary>
    public Task<List<T>> ReadAsync<T>(string sql, object[] values, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) =>
        OnOneConnectionAsync(connection => connection.ReadAsync(sql, values, read, cancellationToken), cancellationToken);

    /// <summary>What an account has of a privilege by itself.</summary>
    public async Task<ObservedHolding> ReadMembershipAsync(string account, string privilege, CancellationToken cancellationToken)
    {
        await LearnWhetherItTellsIdentityAsync(cancellationToken);
        return await OnOneConnectionAsync(
            connection => ReadMembershipAsync(connection, account, privilege, cancellationToken),
            cancellationToken
        );
    }

    /// <summary>The same, with something else of the same server: two connections of a pool may lead to different ones for a moment.</summary>
    /// <param name="known">Reads what the fence knows as well, by which it takes the account as one more parameter.</param>
    /// <param name="sql">Reads where nothing is known.</param>
    /// <param name="values">Parameters of both.</param>
    /// <param name="read">What a row says.</param>
    /// <param name="account">The account.</param>
    /// <param name="privilege">The privilege.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<(List<T> Rows, ObservedHolding Own)> ReadWithMembershipAsync<T>(
        string known,
        string sql,
        object[] values,
        Func<NpgsqlDataReader, T> read,
        string account,
        string privilege,
        CancellationToken cancellationToken
    )
    {
        await LearnWhetherItTellsIdentityAsync(cancellationToken);
        return await OnOneConnectionAsync(
            async connection =>
                (
                    await TryReadFenceAsync(connection, known, [.. values, account], read, cancellationToken)
                        ?? await connection.ReadAsync(sql, values, read, cancellationToken),
                    await ReadMembershipAsync(connection, account, privilege, cancellationToken)
                ),
            cancellationToken
        );
    }

    private async Task LearnWhetherItTellsIdentityAsync(CancellationToken cancellationToken) =>
        _tellsIdentity ??= (await PreflightAsync([], [], cancellationToken)).TellsIdentity;

    private async Task<ObservedHolding> ReadMembershipAsync(
        NpgsqlConnection connection,
        string account,
        string privilege,
        CancellationToken cancellationToken
    )
    {
        var asked = _clock.Now();
        var rows = await connection.ReadAsync(
            _tellsIdentity is true ? Sql.Read : Sql.ReadAnonymous,
            [account, privilege],
            row => new ObservedHolding
            {
                Direct = row.GetBoolean(0),
                Effective = row.GetBoolean(1) || row.GetBoolean(7) || Powerful(row).Length > 0 || OwnRights(row).Length > 0,
                Paths = Paths(row),
                Marker = row.Text(4) is { } grantors ? "granted by " + grantors : null,
                Identity = row.Text(6),
                ObservedAt = asked,
                Fenced = _fence.Holds,
            },
            cancellationToken
        );
        var named = rows.Single();
        var renamed = await TryReadFenceAsync(
            connection,
            Sql.Renamed,
            [account, privilege],
            row => $"renamed since: {row.GetString(0)} in {row.GetString(1)}",
            cancellationToken
        );
        return renamed is null or []
            ? named
            : named with
            {
                Direct = true,
                Effective = true,
                Marker = string.Join("; ", renamed.Append(named.Marker).OfType<string>()),
            };
    }

    /// <returns>Null where it is not fenced, or not yet: what is known there is names.</returns>
    private async Task<List<T>?> TryReadFenceAsync<T>(
        NpgsqlConnection connection,
        string sql,
        object[] values,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellationToken
    )
    {
        if (!await _fence.IsReadableAsync(connection, cancellationToken))
        {
            return null;
        }

        try
        {
            return await connection.ReadAsync(sql, values, read, cancellationToken);
        }
        catch (PostgresException e)
            when (e.SqlState
                    is PostgresErrorCodes.UndefinedTable
                        or PostgresErrorCodes.UndefinedColumn
                        or PostgresErrorCodes.InvalidSchemaName
                        or PostgresErrorCodes.InsufficientPrivilege
            )
        {
            return null;
        }
    }

    /// <summary>What the suite's account may do there.</summary>
    /// <param name="privileges">What is given.</param>
    /// <param name="accounts">The roles that it is given to; none where each grant has its own.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<PostgreSqlRights> PreflightAsync(
        IEnumerable<string> privileges,
        IEnumerable<string> accounts,
        CancellationToken cancellationToken
    )
    {
        var rows = await ReadAsync(
            Sql.Preflight,
            [Names(privileges), Names(accounts)],
            row => new PostgreSqlRights(
                ReadOnly: row.GetBoolean(0),
                EndsSessions: row.GetBoolean(1),
                CreatesRoles: row.GetBoolean(2),
                Unrevocable: row.GetFieldValue<string[]>(3),
                TellsIdentity: row.GetBoolean(4),
                Superusers: row.GetFieldValue<string[]>(5),
                Supports: row.GetFieldValue<string[]>(6),
                Owners: row.GetFieldValue<string[]>(7)
            ),
            cancellationToken
        );
        return rows.Single();

        static string[] Names(IEnumerable<string> names) => [.. names.Where(PostgreSqlNames.CanBeName).Distinct(StringComparer.Ordinal)];
    }

    public async Task<string?> IdentityAsync(CancellationToken cancellationToken) =>
        (await ReadAsync(Sql.ReadIdentity, [], row => row.Text(0), cancellationToken)).Single();

    /// <summary>Lists by a statement that takes the account and the privilege after which the page begins, and how long it may be.</summary>
    /// <param name="sql">Returns accounts and privileges first, in their order.</param>
    /// <param name="pageToken">Of the page before.</param>
    /// <param name="more">Further parameters of the statement.</param>
    /// <param name="read">What a row says; null when it is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<HoldingPage> ListAsync(
        string sql,
        string? pageToken,
        object[] more,
        Func<NpgsqlDataReader, ListedHolding?> read,
        CancellationToken cancellationToken
    )
    {
        var after = pageToken is null ? new Place("", "") : PageTokens.Parse<Place>(pageToken);
        var asOf = _clock.Now();
        var rows = await ReadAsync(
            sql,
            [after.Account, after.Privilege, PageSize, .. more],
            row => (Place: new Place(row.GetString(0), row.GetString(1)), Item: read(row)),
            cancellationToken
        );
        return new HoldingPage
        {
            Items = [.. rows.Select(row => row.Item).OfType<ListedHolding>()],
            NextPageToken = rows.Count == PageSize ? PageTokens.Write(rows[^1].Place) : null,
            AsOf = asOf,
        };
    }

    /// <summary>Whether the last change was fenced; null before the first.</summary>
    public bool? Fenced => _fence.Holds;

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private Task<T> OnOneConnectionAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        return ReadAsync().WaitAsync(cancellationToken);

        async Task<T> ReadAsync()
        {
            try
            {
                await using var connection = await _source.OpenConnectionAsync(cancellationToken);
                return await read(connection);
            }
            catch (Exception e) when (PostgreSqlErrors.IsOfTheTarget(e))
            {
                throw PostgreSqlErrors.Translate(e, sent: false);
            }
        }
    }

    private static string[] Paths(NpgsqlDataReader row)
    {
        var paths = row.GetFieldValue<string[]>(2).Order(StringComparer.Ordinal);
        var superuser = row.GetBoolean(3);
        var effective = row.GetBoolean(1);
        var direct = row.GetBoolean(0);
        string[] all =
        [
            .. superuser ? (string[])["superuser"] : [],
            .. row.GetBoolean(7) ? (string[])["CREATEROLE, with which it gives itself what it wants"] : [],
            .. Powerful(row),
            .. paths,
            .. OwnRights(row),
        ];
        if (direct && !row.GetBoolean(5))
        {
            return ["after SET ROLE only, since neither the account nor its membership inherits", .. all];
        }

        return effective && !direct && all.Length == 0 ? ["implicit membership"] : all;
    }

    private static string[] Powerful(NpgsqlDataReader row) => row.GetFieldValue<string[]>(8);

    private static string[] OwnRights(NpgsqlDataReader row) => row.IsDBNull(9) ? [] : row.GetFieldValue<string[]>(9);

    private sealed record Place(string Account, string Privilege);
}
