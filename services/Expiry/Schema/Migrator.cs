using Npgsql;

namespace Governance.Expiry.Schema;

internal sealed class Migrator(NpgsqlDataSource database, SchemaReady ready, TimeProvider clock, ILogger<Migrator> log) : BackgroundService
{
    private const long Lock = 0x676F765F657870; // Any number nobody else in this database uses; replicas that start together take turns.

    public static async Task MigrateAsync(NpgsqlDataSource database, ILogger log, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, $"select pg_advisory_xact_lock({Lock})", cancellationToken);
        await ExecuteAsync(
            connection,
            "create schema if not exists expiry; create table if not exists expiry.steps (name text primary key, applied_at timestamptz not null default now())",
            cancellationToken
        );
        foreach (var (step, sql) in Steps())
        {
            await using var record = new NpgsqlCommand("insert into expiry.steps (name) values ($1) on conflict do nothing", connection);
            record.Parameters.Add(new() { Value = step });
            if (await record.ExecuteNonQueryAsync(cancellationToken) == 1)
            {
                await ExecuteAsync(connection, sql, cancellationToken);
                log.SchemaMigrated(step);
            }
        }

        await transaction.CommitAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await MigrateAsync(database, log, stoppingToken);
                ready.Set();
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                log.MigrationFailed(e);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), clock, stoppingToken);
        }
    }

    private static IEnumerable<(string Step, string Sql)> Steps()
    {
        var assembly = typeof(Migrator).Assembly;
        foreach (
            var name in assembly
                .GetManifestResourceNames()
                .Where(n => n.EndsWith(".sql", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
        )
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return (name, reader.ReadToEnd());
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
