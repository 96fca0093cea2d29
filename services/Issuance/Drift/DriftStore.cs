using System.Text.Json;
using Governance.Connectors;
using Governance.Contracts.Issuance;
using Governance.Contracts.Lifecycle;
using Governance.Issuance.Holdings;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Governance.Issuance.Drift;

/// <summary>Which holding is read again next, and what was seen. All replicas share one turn for each target.</summary>
internal sealed class DriftStore(NpgsqlDataSource database, IOptions<IssuanceOptions> options)
{
    /// <summary>How often Lifecycle is told that nothing has changed, so that its record never gets old.</summary>
    public static readonly TimeSpan TellEvery = TimeSpan.FromHours(1);

    private readonly IssuanceOptions _options = options.Value;

    /// <returns>Null when none is due, or it is not this target's turn.</returns>
    public async Task<SettledHolding?> NextAsync(string target, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(DriftSql.Next);
        CommandParameters.Add(command, target, _options.ReadAgainAfter, _options.ReadAgainSpacing, TellEvery);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new(
                reader.GetString(0),
                reader.GetString(1),
                reader.GetInt64(2),
                reader.GetString(3),
                reader.GetString(4),
                JsonSerializer.Deserialize<List<Lease>>(reader.GetString(5), WireJson.Options)!,
                JsonSerializer.Deserialize<ObservedHolding>(reader.GetString(6), WireJson.Options)!,
                HoldingStore.Time(reader, 7),
                await reader.IsDBNullAsync(9, cancellationToken) ? null : reader.GetString(9),
                reader.GetBoolean(8)
            )
            : null;
    }

    /// <summary>Stores what was seen; where Lifecycle is to be told, the row is the answer's outbox.</summary>
    /// <returns>Whether what was read is still about the same, and the answer, if there is one.</returns>
    public async Task<(bool Current, HoldingObserved? Answer)> RecordAsync(
        SettledHolding holding,
        ObservedHolding now,
        CancellationToken cancellationToken
    )
    {
        var tell = holding.TellAnyway || holding.DiffersFrom(now);
        await using var command = database.CreateCommand(DriftSql.Record);
        CommandParameters.Add(command, holding.Principal, holding.Entitlement, holding.Revision, holding.SeenAt.UtcDateTime);
        command.Parameters.Add(new() { Value = JsonSerializer.Serialize(now, WireJson.Options), NpgsqlDbType = NpgsqlDbType.Jsonb });
        CommandParameters.Add(command, now.ObservedAt.UtcDateTime, tell, _options.AnswerAgainAfter);
        command.Parameters.Add(new() { Value = (object?)now.Identity ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)now.Remember ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return (false, null);
        }

        return (
            true,
            tell
                ? HoldingAnswers.Observed(
                    holding.Principal,
                    holding.Entitlement,
                    holding.Revision,
                    now,
                    !await reader.IsDBNullAsync(0, cancellationToken) && reader.GetBoolean(0),
                    reader.GetBoolean(1),
                    HoldingStore.Time(reader, 2),
                    reread: true
                )
                : null
        );
    }
}
