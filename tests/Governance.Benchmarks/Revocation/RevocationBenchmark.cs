using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Governance.Benchmarks.Lifecycle;
using Npgsql;

namespace Governance.Benchmarks.Revocation;

/// <summary>How long an order takes that ends everything at a target: from the order until the target, asked again, shows none of it.</summary>
internal static class RevocationBenchmark
{
    private const string Target = "orders-db";
    private const int LongEnough = 2 * 3600;

    public static async Task<int> RunAsync(BenchmarkOptions options, LocalSuite suite)
    {
        await using var catalog = new LoadCatalog(suite, options);
        await catalog.CreateRolesAsync();
        await catalog.PutAsync(hot: false);
        var run = "revoke-" + TimeProvider.System.GetUtcNow().ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
        Console.WriteLine($"Giving {options.Together} accesses, one for each of {options.Principals} accounts and again");
        await Burst.ActivateAsync(suite, options, catalog, run, options.Together, options.Window, hot: false, _ => LongEnough);

        using var lifecycle = new HttpClient { BaseAddress = new Uri(suite.LifecycleUrl), Timeout = TimeSpan.FromMinutes(2) };
        lifecycle.DefaultRequestHeaders.Add("X-Governance-Actor", "kim@example.com");
        var watch = Stopwatch.StartNew();
        var preview = await PostAsync(lifecycle, "/v1/revocations/preview", new { selector = new { target = Target }, limit = 0 });
        var hit = preview.GetProperty("hit").GetInt32();
        Figures.Print(
            "looking",
            $"{Figures.Number(watch.Elapsed.TotalMilliseconds, "F0")} ms for {hit} grants at {await HeldAsync(suite)} accounts"
        );

        watch.Restart();
        var order = await PostAsync(
            lifecycle,
            "/v1/revocations",
            new
            {
                selector = new { target = Target },
                reason = "a benchmark",
                confirm = hit,
            }
        );
        Figures.Print("ordering", $"{Figures.Number(watch.Elapsed.TotalMilliseconds, "F0")} ms");
        var id = order.GetProperty("id").GetGuid();
        var decided = TimeSpan.Zero;
        while (order.GetProperty("state").GetString() != "finished")
        {
            await Task.Delay(200);
            order = await lifecycle.GetFromJsonAsync<JsonElement>($"/v1/revocations/{id}");
            if (decided == TimeSpan.Zero && order.GetProperty("waiting").GetInt32() == 0)
            {
                decided = watch.Elapsed;
            }

            if (watch.Elapsed > TimeSpan.FromMinutes(20))
            {
                throw new BenchmarkException($"The order {id} is not finished after 20 minutes: {order}");
            }
        }

        var gone = order.GetProperty("gone").GetInt32();
        Figures.Print("all being revoked after", $"{Figures.Number(decided.TotalSeconds)} s");
        Figures.Print(
            "all read back as gone after",
            $"{Figures.Number(watch.Elapsed.TotalSeconds)} s, {Figures.Number(gone / watch.Elapsed.TotalSeconds)} a second"
        );
        var left = await HeldAsync(suite);
        Figures.Print("accounts that still have it", left.ToString(CultureInfo.InvariantCulture));
        await RevokeFloor.PrintAsync(suite, Math.Min(options.Together, options.Principals));
        return left == 0 ? 0 : 1;
    }

    private static async Task<JsonElement> PostAsync(HttpClient lifecycle, string path, object body)
    {
        using var answer = await lifecycle.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonSerializer.Deserialize<JsonElement>(text)
            : throw new BenchmarkException($"{path} answered {(int)answer.StatusCode}: {text}");
    }

    /// <summary>The target itself is asked.</summary>
    private static async Task<long> HeldAsync(LocalSuite suite)
    {
        await using var target = NpgsqlDataSource.Create(suite.TargetPostgres("orders"));
        await using var command = target.CreateCommand(
            "select count(*) from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles a on a.oid = m.member "
                + "where r.rolname = 'orders_readonly' and a.rolname like 'bench-%'"
        );
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
