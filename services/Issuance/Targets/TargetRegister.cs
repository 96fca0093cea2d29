using Governance.Connectors;
using Governance.Contracts.Lifecycle;
using Governance.Issuance.Holdings;
using Npgsql;
using NpgsqlTypes;

namespace Governance.Issuance.Targets;

/// <summary>Who each target is, for all replicas.</summary>
internal sealed class TargetRegister(NpgsqlDataSource database)
{
    /// <summary>Whether an answer of a target counts: it comes from the accepted one, or none is known yet, or none had to be asked.</summary>
    /// <param name="target">The target's id, in SQL.</param>
    /// <param name="identity">The answer's identity, in SQL.</param>
    public static string Counts(string target, string identity) =>
        $"""
            ({identity} = '{ObservedHolding.AnyTarget}' or not exists (
                select from issuance.targets t where t.id = {target} and t.identity is not null and t.identity is distinct from {identity}))
            """;

    // The first one that is seen is accepted: there is nothing yet that could be mistaken. Mostly there is nothing to write.
    private const string Record = """
        with written as (
            insert into issuance.targets as t (id, identity, accepted_at) values ($1, $2, clock_timestamp())
            on conflict (id) do update set
                identity = coalesce(t.identity, $2),
                other = case when t.identity is distinct from $2 and t.identity is not null then coalesce($2, '') end,
                other_since = case when t.identity is distinct from $2 and t.identity is not null then clock_timestamp() end
            where (t.identity is null and $2 is not null)
                or t.other is distinct from case when t.identity is distinct from $2 and t.identity is not null then coalesce($2, '') end
            returning identity, other
        )
        select identity, other from written
        union all
        select identity, other from issuance.targets where id = $1 and not exists (select from written)
        """;

    // The holdings in the order in which whoever changes several takes their rows.
    private const string Accept = """
        with accepted as (
            update issuance.targets set
                identity = $2, accepted_at = clock_timestamp(), accepted_by = $3, acceptance = $4,
                other = case when other = coalesce($2, '') then null else other end,
                other_since = case when other = coalesce($2, '') then null else other_since end
            where id = $1 and acceptance is distinct from $4
            returning id
        ), found as (
            select h.principal, h.entitlement from issuance.holdings h join accepted on accepted.id = h.target
            order by h.principal, h.entitlement for update of h
        ), again as (
            update issuance.holdings h set next_attempt = clock_timestamp(), attempts = 0
            from found where h.principal = found.principal and h.entitlement = found.entitlement
            returning 1
        )
        select (select count(*) from again), pg_notify($5, '') from accepted
        """;

    /// <summary>Records who answered at a target.</summary>
    /// <returns>Whether it is another one than the one that is accepted there.</returns>
    public async Task<bool> IsOtherAsync(string target, string? identity, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var command = database.CreateCommand(Record);
            command.Parameters.Add(new() { Value = target });
            command.Parameters.Add(Text(identity));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            // No row: another replica wrote the first one at this moment, and the next statement sees it.
            if (await reader.ReadAsync(cancellationToken))
            {
                return !await reader.IsDBNullAsync(1, cancellationToken);
            }
        }
    }

    /// <summary>Accepts who answers there now: whatever is held there is read back from it. A repeat of the same acceptance changes nothing.</summary>
    /// <returns>How many holdings are read back; null when there is nothing to accept.</returns>
    public async Task<long?> AcceptAsync(AcceptTarget acceptance, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Accept);
        command.Parameters.Add(new() { Value = acceptance.Target });
        command.Parameters.Add(Text(acceptance.Identity));
        command.Parameters.Add(new() { Value = acceptance.By });
        command.Parameters.Add(new() { Value = acceptance.Acceptance });
        command.Parameters.Add(new() { Value = HoldingSql.Channel });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? reader.GetInt64(0) : null;
    }

    public async Task<IReadOnlyDictionary<string, KnownTarget>> AllAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select id, identity, accepted_at, accepted_by, other, other_since from issuance.targets"
        );
        var all = new Dictionary<string, KnownTarget>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var other = await reader.IsDBNullAsync(4, cancellationToken) ? null : reader.GetString(4);
            all.Add(
                reader.GetString(0),
                new(
                    await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetString(1),
                    HoldingStore.Time(reader, 2),
                    await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetString(3),
                    other,
                    other is null ? null : HoldingStore.Time(reader, 5)
                )
            );
        }

        return all;
    }

    /// <summary>Where access is to be at a target, a few places at a time.</summary>
    public async Task<IReadOnlyList<TargetPlace>> PlacesAsync(string target, int most, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select distinct account, privilege from issuance.holdings where target = $1 and not removing limit $2"
        );
        command.Parameters.Add(new() { Value = target });
        command.Parameters.Add(new() { Value = most });
        var places = new List<TargetPlace>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            places.Add(new(reader.GetString(0), reader.GetString(1)));
        }

        return places;
    }

    private static NpgsqlParameter Text(string? text) => new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}

/// <param name="Identity">The accepted one; null when it tells none.</param>
/// <param name="AcceptedAt">Since when.</param>
/// <param name="AcceptedBy">The operator; null for the one that was seen first.</param>
/// <param name="Other">Another one that answers there now; empty when it tells none; null when there is no other.</param>
/// <param name="OtherSince">Since when that is known.</param>
internal sealed record KnownTarget(
    string? Identity,
    DateTimeOffset AcceptedAt,
    string? AcceptedBy,
    string? Other,
    DateTimeOffset? OtherSince
);
