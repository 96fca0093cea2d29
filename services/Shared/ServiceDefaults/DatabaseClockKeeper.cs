using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Governance.ServiceDefaults;

/// <summary>Reads the database's clock again and again, and alerts when the machine's differs from it by more than the bound.</summary>
internal sealed partial class DatabaseClockKeeper : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    // A clock that stays as wrong is told of again after a while.
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(5);

    private readonly DatabaseClock _clock;
    private readonly NpgsqlDataSource _database;
    private readonly TimeSpan _bound;
    private readonly ILogger<DatabaseClockKeeper> _logger;
    private (long At, TimeSpan Ahead)? _told;

    public DatabaseClockKeeper(
        DatabaseClock clock,
        NpgsqlDataSource database,
        IOptions<GovernanceOptions> options,
        ILogger<DatabaseClockKeeper> logger
    )
    {
        (_clock, _database, _bound, _logger) = (clock, database, options.Value.ClockSkewBound, logger);
        Telemetry.Meter.CreateObservableGauge(
            "governance.clock.skew",
            () => _clock.MachineIsAhead.TotalSeconds,
            "s",
            "By how much the machine's clock is ahead of the database's for sure; negative when it is behind."
        );
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, _clock);
        try
        {
            do
            {
                await LookAsync(stoppingToken);
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _database.OpenConnectionAsync(cancellationToken);
            await _clock.ReadAsync(connection, cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            // The readiness check of the database says so; the monotonic clock goes on.
            return;
        }

        Compare(_clock.MachineIsAhead);
    }

    private void Compare(TimeSpan ahead)
    {
        if (ahead.Duration() <= _bound)
        {
            _told = null;
            return;
        }

        Telemetry.ClockSkew("machine");
        if (_told is not { } told || _clock.GetElapsedTime(told.At) > Silence || (ahead - told.Ahead).Duration() > _bound)
        {
            _told = (_clock.GetTimestamp(), ahead);
            MachineClockWrong(_logger, Math.Round(ahead.TotalSeconds, 3), _bound);
        }
    }

    [LoggerMessage(
        1901,
        LogLevel.Warning,
        "The clock of this machine is {Ahead} s ahead of the database's (negative: behind), which counts; more than {Bound} is wrong: see to its time service",
        EventName = "MachineClockWrong"
    )]
    private static partial void MachineClockWrong(ILogger logger, double ahead, TimeSpan bound);
}
