using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Governance.ServiceDefaults;

/// <summary>Whether the service's database answers, and takes a write.</summary>
internal sealed class DatabaseHealthCheck(NpgsqlDataSource database, TimeProvider clock) : IHealthCheck, IDisposable
{
    // Readiness may be asked by several, and often; a write costs more than an answer.
    private static readonly TimeSpan WrittenFor = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _one = new(1, 1);
    private long? _written;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await LookAsync(cancellationToken).ConfigureAwait(false) is { } fault
                ? HealthCheckResult.Unhealthy(fault)
                : HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            return HealthCheckResult.Unhealthy("The database does not answer: " + e.Message);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<string?> LookAsync(CancellationToken cancellationToken)
    {
        if (_written is { } written && clock.GetElapsedTime(written) < WrittenFor)
        {
            await using var command = database.CreateCommand("select 1");
            command.CommandTimeout = 3;
            await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }

        _written = null;
        var fault = await DatabaseWrites.FaultAsync(database, cancellationToken).ConfigureAwait(false);
        _written = fault is null ? clock.GetTimestamp() : null;
        return fault;
    }
}
