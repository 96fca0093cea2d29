using System.Diagnostics.Metrics;
using Governance.Issuance.Holdings;
using Governance.Issuance.Targets;
using Governance.ServiceDefaults;
using Npgsql;

namespace Governance.Issuance.Reconciling;

/// <summary>Figures about all holdings, whichever replica works on them.</summary>
internal sealed class HoldingGauges : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly NpgsqlDataSource _database;
    private readonly string[] _known;
    private readonly TimeProvider _clock;
    private readonly ILogger<HoldingGauges> _logger;
    private volatile IReadOnlyList<Figures> _figures = [];

    public HoldingGauges(NpgsqlDataSource database, TargetCatalog targets, TimeProvider clock, ILogger<HoldingGauges> logger)
    {
        _database = database;
        _known = [.. targets.All.Select(t => t.Id)];
        _clock = clock;
        _logger = logger;
        Gauge("governance.issuance.holdings.failing", "{holding}", "Holdings whose last attempt failed.", f => f.Failing);
        Gauge("governance.issuance.holdings.pending", "{holding}", "Holdings that are not known to match.", f => f.Pending);
        Gauge(
            "governance.issuance.removal.oldest",
            "s",
            "Age of the oldest access that is to be gone and was not seen gone.",
            f => f.OldestRemoval
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

    private void Gauge(string name, string unit, string description, Func<Figures, double> value) =>
        Telemetry.Meter.CreateObservableGauge(
            name,
            () => _figures.Select(f => new Measurement<double>(value(f), new KeyValuePair<string, object?>("target", f.Target))),
            unit,
            description
        );

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using var command = _database.CreateCommand(HoldingSql.Figures);
            command.Parameters.Add(new() { Value = _known });
            await using var reader = await command.ExecuteReaderAsync(stoppingToken);
            var figures = new List<Figures>();
            while (await reader.ReadAsync(stoppingToken))
            {
                figures.Add(new(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetDouble(3)));
            }

            _figures = figures;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            _logger.GaugesInterrupted(e);
        }
    }

    private sealed record Figures(string Target, long Failing, long Pending, double OldestRemoval);
}
