using Governance.Expiry.Schema;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Governance.Expiry.Firing;

/// <summary>Counts what is armed and what is unacknowledged, alerts, and repairs repeats that a clock's jump put out of reach.</summary>
internal sealed class DeadlineSurvey(
    NpgsqlDataSource database,
    SchemaReady schema,
    TimeProvider clock,
    IOptions<ExpiryOptions> options,
    ILogger<DeadlineSurvey> log
) : BackgroundService
{
    // Counting what is armed reads the whole index: not at every turn.
    private const int TurnsPerCountOfArmed = 6;

    private readonly ExpiryOptions _options = options.Value;
    private DateTimeOffset _quietUntil;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        for (var turn = 0; ; turn++)
        {
            try
            {
                await SurveyAsync(turn, stoppingToken);
            }
            catch (Exception e)
                when (e is NpgsqlException or TimeoutException or InvalidOperationException && !stoppingToken.IsCancellationRequested)
            {
                log.SurveyFailed(e);
            }

            await Task.Delay(_options.SurveyInterval, clock, stoppingToken);
        }
    }

    private async Task SurveyAsync(int turn, CancellationToken cancellationToken)
    {
        if (turn % TurnsPerCountOfArmed == 0)
        {
            Metrics.Armed.Record(await CountArmedAsync(cancellationToken));
        }

        await CountUnacknowledgedAsync(cancellationToken);
        if (await BringBackRepeatsAsync(cancellationToken) is > 0 and var count)
        {
            log.ClockWentBack(count);
        }
    }

    private async Task<long> CountArmedAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            select (select count(*) from expiry.deadlines where next_firing is not null)
                 - (select count(*) from expiry.deadlines where state = 'fired')
            """
        );
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task CountUnacknowledgedAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var command = database.CreateCommand(
            """
            select count(*), count(*) filter (where first_fired_at < $1),
                   (array_agg(grant_id order by first_fired_at))[1], (array_agg(kind order by first_fired_at))[1], min(first_fired_at)
            from expiry.deadlines where state = 'fired'
            """
        );
        command.Parameters.Add(new() { Value = (now - _options.AlertAfter).UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var overdue = reader.GetInt64(1);
        Metrics.Unacknowledged.Record(reader.GetInt64(0));
        Metrics.Overdue.Record(overdue);
        if (overdue > 0 && (now >= _quietUntil || _quietUntil > now + _options.AlertAfter))
        {
            _quietUntil = now + _options.AlertAfter;
            log.DeadlinesUnacknowledged(
                overdue,
                _options.AlertAfter,
                reader.GetString(3),
                reader.GetGuid(2),
                new DateTimeOffset(reader.GetDateTime(4), TimeSpan.Zero)
            );
        }
    }

    private async Task<int> BringBackRepeatsAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var command = database.CreateCommand(
            """
            update expiry.deadlines set next_firing = $1
            where (grant_id, kind) in (
                select grant_id, kind from expiry.deadlines where state = 'fired' and next_firing > $2 for update skip locked)
            """
        );
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        command.Parameters.Add(new() { Value = (now + _options.LongestRepeat + TimeSpan.FromSeconds(1)).UtcDateTime });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
