using System.Diagnostics;
using Governance.Contracts.Lifecycle;
using Governance.Expiry.Firing;
using Governance.Expiry.Schema;
using Governance.ServiceDefaults;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Governance.Expiry.Deadlines;

/// <summary>
/// What is known of each deadline. Every change is one conditional statement, so that it is right late, repeated, out of order and
/// concurrent: a revision below the stored one changes nothing, and neither does an equal one that is settled.
/// </summary>
internal sealed class DeadlineStore(NpgsqlDataSource database, SchemaReady schema, TimeProvider clock, IOptions<ExpiryOptions> options)
{
    // Thousands may be settled within a second, and each alone would cost a commit.
    private readonly GroupedWrites<Settlement> _settlements = new(settlements => SettleAsync(database, clock, settlements), most: 100);

    // Only what is due before every replica has looked again needs a notification.
    private readonly TimeSpan _soon = options.Value.PollInterval * 2;

    public Task SetAsync(SetDeadline set, CancellationToken cancellationToken)
    {
        var due = Moments.Truncate(set.Due);
        return ChangeAsync(
            """
            with changed as (
                insert into expiry.deadlines as d (grant_id, kind, revision, state, due, next_firing, armed_at, trace_parent)
                values ($1, $2, $3, 'armed', $4, $4, $5, $6)
                on conflict (grant_id, kind) do update
                set revision = excluded.revision, state = 'armed', due = excluded.due, next_firing = excluded.next_firing,
                    armed_at = excluded.armed_at, trace_parent = excluded.trace_parent, firings = 0, first_fired_at = null, settled_at = null
                where d.revision < excluded.revision
                returning d.due)
            select pg_notify($8, '') from changed where due <= $7
            """,
            p =>
            {
                AddKey(p, set.GrantId, set.Kind, set.Revision);
                p.Add(Time(due));
                p.Add(Time(clock.GetUtcNow()));
                p.Add(new() { Value = (object?)Activity.Current?.Id ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
                p.Add(Time(clock.GetUtcNow() + _soon));
                p.Add(new() { Value = Wakeups.Channel });
            },
            cancellationToken
        );
    }

    public Task CancelAsync(CancelDeadline cancel, CancellationToken cancellationToken) =>
        SettleAsync(new(cancel.GrantId, cancel.Kind, cancel.Revision, "cancelled"), cancellationToken);

    public Task AcknowledgeAsync(DeadlineAcknowledged acknowledged, CancellationToken cancellationToken) =>
        SettleAsync(new(acknowledged.GrantId, acknowledged.Kind, acknowledged.Revision, "acknowledged"), cancellationToken);

    public async Task<IReadOnlyList<DeadlineView>> FindAsync(Guid grantId, CancellationToken cancellationToken)
    {
        await schema.WaitAsync(cancellationToken);
        await using var command = database.CreateCommand(
            """
            select grant_id, kind, revision, state, due, next_firing, firings, first_fired_at, settled_at
            from expiry.deadlines where grant_id = $1 order by kind
            """
        );
        command.Parameters.Add(new() { Value = grantId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<DeadlineView>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(Read(reader));
        }

        return found;
    }

    private async Task SettleAsync(Settlement settlement, CancellationToken cancellationToken)
    {
        await schema.WaitAsync(cancellationToken);
        await _settlements.WriteAsync(settlement, cancellationToken);
    }

    // Throws while the database is away: the bus then holds the message.
    private async Task ChangeAsync(string sql, Action<NpgsqlParameterCollection> parameters, CancellationToken cancellationToken)
    {
        await schema.WaitAsync(cancellationToken);
        await ChangeAsync(database, sql, parameters, cancellationToken);
    }

    // A settlement may come before the set that it settles: the tombstone is then written first.
    private static Task SettleAsync(NpgsqlDataSource database, TimeProvider clock, IReadOnlyList<Settlement> settlements) =>
        ChangeAsync(
            database,
            """
            insert into expiry.deadlines as d (grant_id, kind, revision, state, settled_at)
            select distinct on (grant_id, kind) grant_id, kind, revision, state, $5
            from unnest($1, $2, $3, $4) as s (grant_id, kind, revision, state)
            order by grant_id, kind, revision desc
            on conflict (grant_id, kind) do update
            set revision = excluded.revision, state = excluded.state, settled_at = excluded.settled_at, next_firing = null,
                due = case when d.revision = excluded.revision then d.due end
            where d.revision < excluded.revision or (d.revision = excluded.revision and d.state in ('armed', 'fired'))
            """,
            p =>
            {
                p.Add(new() { Value = settlements.Select(s => s.GrantId).ToArray() });
                p.Add(new() { Value = settlements.Select(s => s.Kind).ToArray() });
                p.Add(new() { Value = settlements.Select(s => s.Revision).ToArray() });
                p.Add(new() { Value = settlements.Select(s => s.State).ToArray() });
                p.Add(Time(clock.GetUtcNow()));
            },
            CancellationToken.None
        );

    private static async Task ChangeAsync(
        NpgsqlDataSource database,
        string sql,
        Action<NpgsqlParameterCollection> parameters,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        parameters(command.Parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
        CrashPoints.Reach("expiry.deadline.before-commit");
        await transaction.CommitAsync(cancellationToken);
        CrashPoints.Reach("expiry.deadline.after-commit");
    }

    private static void AddKey(NpgsqlParameterCollection parameters, Guid grantId, string kind, long revision)
    {
        parameters.Add(new() { Value = grantId });
        parameters.Add(new() { Value = kind });
        parameters.Add(new() { Value = revision });
    }

    private static NpgsqlParameter Time(DateTimeOffset time) => new() { Value = time.UtcDateTime };

    private static DeadlineView Read(NpgsqlDataReader reader) =>
        new()
        {
            Grant = reader.GetGuid(0),
            Kind = reader.GetString(1),
            Revision = reader.GetInt64(2),
            State = Enum.Parse<DeadlineState>(reader.GetString(3), ignoreCase: true),
            Due = TimeAt(reader, 4),
            NextFiring = TimeAt(reader, 5),
            Firings = reader.GetInt32(6),
            FirstFiredAt = TimeAt(reader, 7),
            SettledAt = TimeAt(reader, 8),
        };

    private static DateTimeOffset? TimeAt(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : new DateTimeOffset(reader.GetDateTime(column), TimeSpan.Zero);

    private sealed record Settlement(Guid GrantId, string Kind, long Revision, string State);
}
