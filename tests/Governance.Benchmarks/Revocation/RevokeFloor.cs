using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Governance.Benchmarks.Revocation;

/// <summary>What the target itself takes to let go, on as many connections as Issuance has.</summary>
internal static class RevokeFloor
{
    public static async Task PrintAsync(LocalSuite suite, int count)
    {
        await using var target = NpgsqlDataSource.Create(suite.TargetPostgres("orders"));
        var roles = Enumerable.Range(0, count).Select(i => $"bench_floor_{i.ToString(CultureInfo.InvariantCulture)}").ToList();
        await Sql.ExecuteAsync(target, string.Join(';', roles.Select(r => $"create role {r}; grant orders_readonly to {r}")));
        try
        {
            var watch = Stopwatch.StartNew();
            await Parallel.ForEachAsync(
                roles,
                new ParallelOptions { MaxDegreeOfParallelism = 8 },
                async (role, _) => await Sql.ExecuteAsync(target, $"revoke orders_readonly from {role}")
            );
            var seconds = watch.Elapsed.TotalSeconds;
            Figures.Print("floor: as many REVOKEs, bare", $"{Figures.Number(seconds)} s, {Figures.Number(count / seconds)} a second");
        }
        finally
        {
            await Sql.ExecuteAsync(target, string.Join(';', roles.Select(r => $"drop role {r}")));
        }
    }
}
