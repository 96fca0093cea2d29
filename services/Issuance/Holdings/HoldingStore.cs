using System.Text.Json;
using Governance.Connectors;
using Governance.Contracts.Issuance;
using Governance.Contracts.Lifecycle;
using Governance.ServiceDefaults;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Governance.Issuance.Holdings;

/// <summary>
/// The table of holdings. All its times but observedAt and failedAt are the database's, so replicas need not agree on the time.
/// </summary>
internal sealed class HoldingStore(NpgsqlDataSource database, AskedEnds askedEnds, TimeProvider clock, IOptions<IssuanceOptions> options)
{
    private readonly IssuanceOptions _options = options.Value;
    private readonly GroupedWrites<Raise> _raises = new(group => RaiseAsync(database, askedEnds, group), most: 100);

    /// <summary>Commits what should be, and wakes the loops.</summary>
    public async Task RaiseAsync(ReconcileHolding command, string? trace, CancellationToken cancellationToken)
    {
        CrashPoints.Reach("issuance.holding.before-commit");
        await _raises.WriteAsync(new(command, trace), cancellationToken);
        CrashPoints.Reach("issuance.holding.after-commit");
    }

    /// <summary>
    /// Claims due holdings of one target, or of targets that are not known when <paramref name="target"/> is null: removals first, at most
    /// <paramref name="limit"/> altogether, <paramref name="removals"/> that take access away and <paramref name="gifts"/> that give it.
    /// </summary>
    public async Task<IReadOnlyList<HoldingClaim>> ClaimAsync(
        string? target,
        string[] known,
        int limit,
        int removals,
        int gifts,
        TimeSpan attemptTimeout,
        CancellationToken cancellationToken
    )
    {
        var id = Guid.CreateVersion7();
        await using var command = database.CreateCommand(target is null ? HoldingSql.ClaimOfUnknown : HoldingSql.ClaimOfTarget);
        CommandParameters.Add(
            command,
            (object?)target ?? known,
            limit,
            gifts,
            id,
            attemptTimeout + _options.ClaimMargin,
            _options.EndAfterLastLease
        );
        var comes = target is null ? null : askedEnds.Earliest(target);
        command.Parameters.Add(Time(comes));
        CommandParameters.Add(command, removals);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var claims = new List<HoldingClaim>();
        while (await reader.ReadAsync(cancellationToken))
        {
            claims.Add(
                new()
                {
                    Id = id,
                    Principal = reader.GetString(0),
                    Entitlement = reader.GetString(1),
                    Revision = reader.GetInt64(2),
                    Leases = JsonSerializer.Deserialize<List<Lease>>(reader.GetString(3), WireJson.Options)!,
                    Binding = new()
                    {
                        Target = reader.GetString(4),
                        Account = reader.GetString(5),
                        Privilege = reader.GetString(6),
                    },
                    Moving = reader.GetBoolean(7),
                    FailedAttempts = reader.GetInt32(8),
                    PreExisting = await reader.IsDBNullAsync(9, cancellationToken) ? null : reader.GetBoolean(9),
                    Trace = await reader.IsDBNullAsync(10, cancellationToken) ? null : reader.GetString(10),
                    Ending = reader.GetBoolean(11),
                    LastObservedAt = await reader.IsDBNullAsync(12, cancellationToken) ? null : Time(reader, 12),
                    Remembered = await reader.IsDBNullAsync(13, cancellationToken) ? null : reader.GetString(13),
                }
            );
        }

        return claims;
    }

    /// <returns>False when the claim is no longer ours.</returns>
    public async Task<bool> RecordPreExistingAsync(HoldingClaim claim, bool preExisting, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(HoldingSql.PreExisting);
        CommandParameters.Add(command, claim.Principal, claim.Entitlement, claim.Id, preExisting);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <returns>False when the claim is no longer ours.</returns>
    public async Task<bool> RememberAsync(HoldingClaim claim, string text, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(HoldingSql.Remember);
        CommandParameters.Add(command, claim.Principal, claim.Entitlement, claim.Id, text);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Stores what was seen; the row is then the answer's outbox.</summary>
    /// <returns>Whether the claim was still ours, and the answer, unless a newer revision has come.</returns>
    public async Task<(bool Ours, HoldingObserved? Answer)> ObserveAsync(
        HoldingClaim claim,
        ObservedHolding observed,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(HoldingSql.Observe);
        CommandParameters.Add(
            command,
            claim.Principal,
            claim.Entitlement,
            claim.Id,
            claim.Revision,
            Json(observed),
            observed.ObservedAt,
            _options.AnswerAgainAfter,
            Text(observed.Identity)
        );
        var present = claim.Wanted && !claim.Ending && observed.Direct;
        command.Parameters.Add(
            new()
            {
                Value = (object?)(present ? claim.Leases.Max(lease => lease.Duration) : null) ?? DBNull.Value,
                NpgsqlDbType = NpgsqlDbType.Interval,
            }
        );
        command.Parameters.Add(Time(claim.Leases.Where(lease => lease.Duration is null).Max(lease => (DateTimeOffset?)lease.Until)));
        CommandParameters.Add(command, !claim.Wanted && !observed.Direct);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return (false, null);
        }

        var preExisting = !await reader.IsDBNullAsync(1, cancellationToken) && reader.GetBoolean(1);
        var answer =
            reader.GetInt64(0) == claim.Revision
                ? HoldingAnswers.Observed(
                    claim.Principal,
                    claim.Entitlement,
                    claim.Revision,
                    observed,
                    preExisting,
                    reader.GetBoolean(2),
                    Time(reader, 3)
                )
                : null;
        return (true, answer);
    }

    /// <summary>The old place is empty: the holding goes to its new one.</summary>
    public Task<bool> MoveAsync(HoldingClaim claim, ObservedHolding observed, CancellationToken cancellationToken) =>
        AnyAsync(HoldingSql.Move, cancellationToken, claim.Principal, claim.Entitlement, claim.Id, Text(observed.Identity));

    /// <summary>The target needs time: the same is tried again then, and nothing has failed. How often a removal waited so is counted.</summary>
    public async Task<bool> LookAgainAsync(HoldingClaim claim, TimeSpan delay, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(HoldingSql.Later);
        CommandParameters.Add(command, claim.Principal, claim.Entitlement, claim.Id, claim.Revision, delay, claim.Wanted ? 0 : 1);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Tells of the removals that are due at a target that is left alone, once for each: no attempt of theirs will tell.</summary>
    public async Task TellWaitingAsync(string target, string message, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(HoldingSql.Waiting);
        CommandParameters.Add(command, target, ConnectorErrors.CircuitOpen, message, clock.Now());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Ends the back-off of a holding, or of all at a target.</summary>
    /// <returns>How many waited.</returns>
    public Task<int> RetryAsync(RetryHoldings retry, CancellationToken cancellationToken) =>
        RetryAsync(retry.Target, retry.Principal, retry.Entitlement, null, cancellationToken);

    /// <summary>Ends the back-off of whatever has failed at these targets: what they are configured with may be right by now.</summary>
    public Task<int> RetryFailedAsync(IEnumerable<string> targets, CancellationToken cancellationToken) =>
        RetryAsync(null, null, null, [.. targets], cancellationToken);

    private async Task<int> RetryAsync(
        string? target,
        string? principal,
        string? entitlement,
        string[]? failedAt,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(HoldingSql.Retry);
        CommandParameters.Add(
            command,
            Text(target),
            Text(principal),
            Text(entitlement),
            new NpgsqlParameter { Value = (object?)failedAt ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text }
        );
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Stores a failed attempt and when the next is due.</summary>
    /// <returns>Whether the claim was still ours, and the answer, unless a newer revision has come.</returns>
    public async Task<(bool Ours, HoldingFailed? Answer)> FailAsync(
        HoldingClaim claim,
        AttemptFailure failure,
        TimeSpan delay,
        CancellationToken cancellationToken
    )
    {
        var failedAt = clock.Now();
        await using var command = database.CreateCommand(HoldingSql.Fail);
        CommandParameters.Add(
            command,
            claim.Principal,
            claim.Entitlement,
            claim.Id,
            claim.Revision,
            1,
            failure.Unclear,
            failure.Code,
            failure.Message,
            failedAt,
            delay,
            _options.AnswerAgainAfter,
            failure.NotAsked
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return (false, null);
        }

        return reader.GetInt64(0) != claim.Revision
            ? (true, null)
            : (
                true,
                new HoldingFailed
                {
                    Principal = claim.Principal,
                    Entitlement = claim.Entitlement,
                    Revision = claim.Revision,
                    Attempt = reader.GetInt32(1),
                    Code = reader.GetString(3),
                    Message = reader.GetString(4),
                    FailedAt = failedAt,
                    NextAttemptAt = Time(reader, 2),
                }
            );
    }

    /// <summary>Makes due what the database's clock, set back, put further away than anything ever is.</summary>
    /// <param name="longestWait">The longest time between two attempts.</param>
    /// <param name="longestAttempt">The longest time to an attempt's hard end.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many holdings there were.</returns>
    public async Task<int> BringBackAsync(TimeSpan longestWait, TimeSpan longestAttempt, CancellationToken cancellationToken)
    {
        await using var attempts = database.CreateCommand(HoldingSql.BringBack);
        CommandParameters.Add(attempts, longestWait, longestAttempt);
        await using var answers = database.CreateCommand(HoldingSql.BringBackAnswers);
        CommandParameters.Add(answers, 2 * (_options.AnswerAgainAfter + Messaging.Publishing.Timeout));
        return await attempts.ExecuteNonQueryAsync(cancellationToken) + await answers.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Takes answers that are due for publishing; unless marked, they are due again after <see cref="IssuanceOptions.AnswerAgainAfter"/> and a publish's timeout.</summary>
    public async Task<IReadOnlyList<PendingAnswer>> ClaimAnswersAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(HoldingSql.ClaimAnswers);
        CommandParameters.Add(command, _options.AnswerAgainAfter + Messaging.Publishing.Timeout);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var answers = new List<PendingAnswer>();
        while (await reader.ReadAsync(cancellationToken))
        {
            answers.Add(HoldingAnswers.Read(reader));
        }

        return answers;
    }

    /// <summary>These need not be published again.</summary>
    public async Task MarkAsync(IReadOnlyCollection<HoldingObserved> answers, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(HoldingSql.Answered);
        CommandParameters.Add(
            command,
            answers.Select(a => a.Principal).ToArray(),
            answers.Select(a => a.Entitlement).ToArray(),
            answers.Select(a => a.Revision).ToArray(),
            answers.Select(a => a.ObservedAt).ToArray()
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task MarkAsync(HoldingFailed answer, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(HoldingSql.FailureAnswered);
        CommandParameters.Add(command, answer.Principal, answer.Entitlement, answer.Revision, answer.FailedAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    internal static DateTimeOffset Time(NpgsqlDataReader reader, int column) => new(reader.GetDateTime(column), TimeSpan.Zero);

    // Of a holding's commands the highest comes first: for the others, that is as if they were late.
    private static async Task RaiseAsync(NpgsqlDataSource database, AskedEnds askedEnds, IReadOnlyList<Raise> group)
    {
        var highest = group
            .GroupBy(r => (r.Command.Principal, r.Command.Entitlement))
            .Select(r => r.MaxBy(c => c.Command.Revision)!)
            .ToList();
        var raised = await RaiseHighestAsync(database, askedEnds, highest);
        foreach (var raise in group.Where(r => !raised.Contains((r.Command.Principal, r.Command.Entitlement, r.Command.Revision))))
        {
            await using var again = database.CreateCommand(HoldingSql.Again);
            CommandParameters.Add(again, raise.Command.Principal, raise.Command.Entitlement, raise.Command.Revision);
            await again.ExecuteNonQueryAsync();
        }
    }

    /// <returns>Those of which the revision was higher than what was there.</returns>
    private static async Task<HashSet<(string Principal, string Entitlement, long Revision)>> RaiseHighestAsync(
        NpgsqlDataSource database,
        AskedEnds askedEnds,
        IReadOnlyList<Raise> group
    )
    {
        await using var raise = database.CreateCommand(HoldingSql.Raise);
        CommandParameters.Add(
            raise,
            group.Select(r => r.Command.Principal).ToArray(),
            group.Select(r => r.Command.Entitlement).ToArray(),
            group.Select(r => r.Command.Revision).ToArray(),
            new NpgsqlParameter
            {
                Value = group.Select(r => JsonSerializer.Serialize(r.Command.Leases, WireJson.Options)).ToArray(),
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb,
            },
            group.Select(r => r.Command.Binding.Target).ToArray(),
            group.Select(r => r.Command.Binding.Account).ToArray(),
            group.Select(r => r.Command.Binding.Privilege).ToArray(),
            group.Select(r => r.Trace).ToArray(),
            new NpgsqlParameter
            {
                Value = group.Select(r => LastUntil(r.Command.Leases)).ToArray(),
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
            },
            new NpgsqlParameter
            {
                Value = group.Select(r => r.Command.SentAt?.UtcDateTime).ToArray(),
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
            }
        );
        await using var reader = await raise.ExecuteReaderAsync();
        var raised = new HashSet<(string, string, long)>();
        while (await reader.ReadAsync())
        {
            raised.Add((reader.GetString(0), reader.GetString(1), reader.GetInt64(2)));
            if (!await reader.IsDBNullAsync(4))
            {
                askedEnds.Add(reader.GetString(3), Time(reader, 4));
            }
        }

        return raised;
    }

    private static DateTime? LastUntil(IReadOnlyList<Lease> leases) => leases.Count == 0 ? null : leases.Max(l => l.Until).UtcDateTime;

    private static NpgsqlParameter Time(DateTimeOffset? at) =>
        new() { Value = (object?)at?.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    private static NpgsqlParameter Text(string? text) => new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Json<T>(T value) =>
        new() { Value = JsonSerializer.Serialize(value, WireJson.Options), NpgsqlDbType = NpgsqlDbType.Jsonb };

    private async Task<bool> AnyAsync(string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = database.CreateCommand(sql);
        CommandParameters.Add(command, values);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private sealed record Raise(ReconcileHolding Command, string? Trace);
}
