using System.Diagnostics;
using Governance.Testing;
using Npgsql;

namespace Governance.Intake.Tests.Running;

/// <summary>A database, a virtual host, a catalog, and queues where Lifecycle's would be.</summary>
internal sealed class Surroundings : IAsyncDisposable
{
    private readonly NpgsqlDataSource _sql;

    private Surroundings(string database)
    {
        Database = database;
        _sql = SuiteServers.OpenForPolling(database);
    }

    public string Database { get; }

    public required string Bus { get; init; }

    public required CatalogStandIn Catalog { get; init; }

    public string VirtualHost => Uri.UnescapeDataString(new Uri(Bus).AbsolutePath[1..]);

    public static async Task<Surroundings> CreateAsync()
    {
        var surroundings = new Surroundings(await SuiteServers.Current.CreateDatabaseAsync("intake"))
        {
            Bus = await SuiteServers.Current.CreateVirtualHostAsync("intake"),
            Catalog = new CatalogStandIn(),
        };
        await surroundings.Catalog.StartAsync();
        await using var client = await AmqpClient.ConnectAsync(surroundings.Bus);
        await client.DeclareLifecycleQueuesAsync();
        return surroundings;
    }

    public string[] Settings(string environment = "Development") =>
        [
            "--environment=" + environment,
            "--urls=http://127.0.0.1:0",
            "--ConnectionStrings:Database=" + Database,
            "--Bus:Url=" + Bus,
            "--Intake:LifecycleUrl=" + Catalog.Url,
            "--Intake:PublicLifecycleUrl=https://governance.example.com",
            "--Logging:LogLevel:Default=Warning",
        ];

    /// <summary>The bus as the user that the catalog trusts to publish for the sample's source.</summary>
    public Task<string> TrustedBusAsync() => BusAsAsync(CatalogStandIn.TrustedUser);

    /// <summary>The bus as a user that may publish requests.</summary>
    public async Task<string> BusAsAsync(string user)
    {
        await SuiteServers.Current.Management.CreateUserAsync(user, "secret");
        await SuiteServers.Current.Management.GrantAsync(VirtualHost, user, "", "governance\\.requests", "");
        return new UriBuilder(Bus) { UserName = user, Password = "secret" }
            .Uri
            .AbsoluteUri;
    }

    public async Task<long> CountAsync(string sql)
    {
        await using var command = _sql.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public Task<long> CountEventsAsync(string type) => CountAsync($"select count(*) from intake.mt_events where type = '{type}'");

    public async Task<IReadOnlyList<string>> ReadEventsAsync(string type, string column = "data")
    {
        await using var command = _sql.CreateCommand($"select {column}::text from intake.mt_events where type = '{type}' order by seq_id");
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(await reader.IsDBNullAsync(0) ? "" : reader.GetString(0));
        }

        return rows;
    }

    /// <summary>Waits until every message at the door was settled. The broker's counts lag, so they have to say so for a while.</summary>
    public Task UntilSettledAsync()
    {
        var empty = new Stopwatch();
        return Eventually.Until(
            async () =>
            {
                var queue = await SuiteServers.Current.Management.FindQueueAsync(VirtualHost, "governance.intake.requests");
                if (queue is { Messages: 0 })
                {
                    empty.Start();
                }
                else
                {
                    empty.Reset();
                }

                return empty.Elapsed > TimeSpan.FromSeconds(1.5);
            },
            TimeSpan.FromSeconds(30)
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _sql.DisposeAsync();
        await Catalog.DisposeAsync();
        await SuiteServers.Current.Management.DeleteVirtualHostAsync(VirtualHost);
    }
}
