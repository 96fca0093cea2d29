using Npgsql;

namespace Governance.Issuance.Targets;

/// <summary>
/// Who of all replicas tries the next removal at a target that is left alone: one a second for each target, however many replicas leave it
/// alone, and those that ask in turn.
/// </summary>
internal sealed class ProbeGate(NpgsqlDataSource database)
{
    // Whoever has waited for its turn has it before the one that tried last, unless it has not asked for longer than any pause is. A time in
    // the future was written before the database's clock was set back.
    private const string Take = """
        insert into issuance.probes as p (target, at, by) values ($1, clock_timestamp(), $2)
        on conflict (target) do update set at = excluded.at, by = excluded.by, waiting = null, waiting_at = null
            where (p.at <= clock_timestamp() - interval '1 second' or p.at > clock_timestamp())
                and (p.waiting is null or p.waiting = $2
                    or p.waiting_at not between clock_timestamp() - interval '5 seconds' and clock_timestamp())
        returning 1
        """;

    private const string Wait = """
        update issuance.probes set waiting = $2, waiting_at = clock_timestamp()
        where target = $1 and by <> $2
            and (waiting is null or waiting = $2
                or waiting_at not between clock_timestamp() - interval '5 seconds' and clock_timestamp())
        """;

    private const string Return = "update issuance.probes set at = at - interval '1 second' where target = $1 and by = $2";

    private readonly Guid _self = Guid.NewGuid();

    /// <summary>Whether this replica may try a removal at the target now.</summary>
    public async Task<bool> TryTakeAsync(string target, CancellationToken cancellationToken)
    {
        if (await RunAsync(Take, target, cancellationToken) > 0)
        {
            return true;
        }

        await RunAsync(Wait, target, cancellationToken);
        return false;
    }

    /// <summary>There was nothing to try: whoever asks next may at once.</summary>
    public Task GiveBackAsync(string target, CancellationToken cancellationToken) => RunAsync(Return, target, cancellationToken);

    private async Task<int> RunAsync(string sql, string target, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = target });
        command.Parameters.Add(new() { Value = _self });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
