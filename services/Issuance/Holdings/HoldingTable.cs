using Npgsql;

namespace Governance.Issuance.Holdings;

/// <summary>Makes the table before anything uses it. Two replicas may start at once.</summary>
internal sealed class HoldingTable(NpgsqlDataSource database, TimeProvider clock, ILogger<HoldingTable> logger) : IHostedService
{
    private const long MigrationLock = 0x6973_7375_616E_6365;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await CreateAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException && !cancellationToken.IsCancellationRequested)
            {
                logger.TableNotReady(e);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var exclusive = new NpgsqlCommand("select pg_advisory_xact_lock($1)", connection, transaction))
        {
            exclusive.Parameters.Add(new() { Value = MigrationLock });
            await exclusive.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var create = new NpgsqlCommand(HoldingSql.Schema, connection, transaction))
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }
}
