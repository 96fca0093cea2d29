using System.Globalization;
using System.Text;
using Npgsql;

namespace Governance.Benchmarks.Lifecycle;

/// <summary>Service accounts for the load: in a catalog file of their own, and as login roles at the target. Removed afterwards.</summary>
internal sealed class LoadCatalog(LocalSuite suite, BenchmarkOptions options) : IAsyncDisposable
{
    public const string Entitlement = "orders-db/readonly";

    public static string Account(int i) => "bench-" + i.ToString("D5", CultureInfo.InvariantCulture);

    public static string Owner(int i) => $"bench-owner-{i.ToString("D4", CultureInfo.InvariantCulture)}@example.com";

    public int OwnerOf(int account, bool hot) => hot ? 0 : account % options.Owners;

    public async Task PutAsync(bool hot)
    {
        var yaml = new StringBuilder("people:\n");
        for (var i = 0; i < options.Owners; i++)
        {
            yaml.Append(CultureInfo.InvariantCulture, $"  - {{ id: p-bench-{i:D4}, name: {Owner(i)} }}\n");
        }

        yaml.Append("principals:\n");
        for (var i = 0; i < options.Principals; i++)
        {
            yaml.Append(
                CultureInfo.InvariantCulture,
                $"  - {{ id: {Account(i)}, kind: service-account, owner: {Owner(OwnerOf(i, hot))}, environment: production, accounts: {{ orders-db: {Account(i)} }} }}\n"
            );
        }

        var before = await InForceAsync();
        await File.WriteAllTextAsync(suite.CatalogFile, yaml.ToString());
        for (var waited = 0; await InForceAsync() == before; waited++)
        {
            if (waited > 150)
            {
                throw new BenchmarkException("The catalog of the benchmark did not come in force: see .local/logs/lifecycle.log.");
            }

            await Task.Delay(200);
        }
    }

    public async Task CreateRolesAsync()
    {
        await using var target = NpgsqlDataSource.Create(suite.TargetPostgres("postgres"));
        var sql = new StringBuilder("do $$ begin\n");
        for (var i = 0; i < options.Principals; i++)
        {
            sql.Append(
                CultureInfo.InvariantCulture,
                $"if not exists (select 1 from pg_roles where rolname = '{Account(i)}') then create role \"{Account(i)}\" login; end if;\n"
            );
        }

        await using var command = target.CreateCommand(sql.Append("end $$").ToString());
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        File.Delete(suite.CatalogFile);
        await using var target = NpgsqlDataSource.Create(suite.TargetPostgres("postgres"));
        await using var command = target.CreateCommand(
            "do $$ declare r record; begin for r in select rolname from pg_roles where rolname like 'bench-%' loop execute format('drop role %I', r.rolname); end loop; end $$"
        );
        await command.ExecuteNonQueryAsync();
    }

    private async Task<string?> InForceAsync()
    {
        await using var connection = new NpgsqlConnection(suite.Postgres("governance_lifecycle"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select data ->> 'catalog' from lifecycle.mt_doc_inforce", connection);
        return (string?)await command.ExecuteScalarAsync();
    }
}
