using Governance.Connectors;
using Governance.Contracts.Lifecycle;
using Governance.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Governance.Issuance.Tests;

/// <summary>A database, a virtual host and a target for each test, and as many replicas as it starts.</summary>
public abstract class IssuanceFixture
{
    protected const string LifecycleSecret = "the-secret-that-only-lifecycle-has-0123";

    private readonly List<WebApplication> _replicas = [];
    private readonly Dictionary<string, string?> _settings = new(StringComparer.Ordinal);
    private int _targets;
    private NpgsqlDataSource _sql = null!;

    protected TargetDatabase Orders { get; private set; } = null!;

    protected Lifecycle Lifecycle { get; private set; } = null!;

    protected GatedConnector.Gates Gates { get; private set; } = null!;

    protected string Database { get; private set; } = null!;

    protected string BusUrl { get; private set; } = null!;

    protected IReadOnlyDictionary<string, string?> Settings => _settings;

    [SetUp]
    public async Task CreateAsync()
    {
        _settings.Clear();
        _targets = 0;
        Gates = new();
        Database = await SuiteServers.Current.CreateDatabaseAsync("governance_issuance");
        _sql = SuiteServers.OpenForPolling(Database);
        BusUrl = await SuiteServers.Current.CreateVirtualHostAsync("governance");
        Orders = await TargetDatabase.CreateAsync();
        Lifecycle = await Lifecycle.StartAsync(BusUrl);
        Set("ConnectionStrings:Database", Database);
        Set("Bus:Url", BusUrl);
        Set("Kestrel:Endpoints:Http:Url", "http://127.0.0.1:0");
        Set("Issuance:LifecycleSecret", LifecycleSecret);
        Set("Issuance:PollInterval", "00:00:00.200");
        Set("Issuance:ClaimMargin", "00:00:00.500");
        Set("Issuance:AnswerAgainAfter", "00:00:01");
        Set("Issuance:BackOff", "00:00:00.200");
    }

    [TearDown]
    public async Task StopAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.StopAsync();
            await replica.DisposeAsync();
        }

        _replicas.Clear();
        await Lifecycle.DisposeAsync();
        await Orders.DisposeAsync();
        await _sql.DisposeAsync();
        await SuiteServers.Current.Management.DeleteVirtualHostAsync(Uri.UnescapeDataString(new Uri(BusUrl).AbsolutePath[1..]));
        NpgsqlConnection.ClearAllPools();
    }

    protected void Set(string key, string value) => _settings[key] = value;

    protected void AddTarget(string id, string connectionString, string attemptTimeout = "00:00:05", string kind = "postgresql")
    {
        var key = FormattableString.Invariant($"Issuance:Targets:{_targets++}:");
        Set(key + "Id", id);
        Set(key + "Kind", kind);
        Set(key + "ConnectionString", connectionString);
        Set(key + "AttemptTimeout", attemptTimeout);
        // A connection may take all of an attempt: on a busy machine a second is not enough for each of many.
        Set(key + "ConnectTimeout", attemptTimeout);
        Set(key + "BreakAfter", "1000");
    }

    protected async Task<WebApplication> StartReplicaAsync(bool whenReady = true)
    {
        var replica = IssuanceService.Build(
            [],
            builder =>
            {
                builder.Configuration.AddInMemoryCollection(_settings);
                builder.Logging.SetMinimumLevel(LogLevel.Warning);
                builder.Services.AddSingleton<ConnectorRegistration>(GatedConnector.Registration(Gates));
            }
        );
        lock (_replicas)
        {
            _replicas.Add(replica);
        }

        await replica.StartAsync();
        if (whenReady)
        {
            await Eventually.Until(() => IsReadyAsync(replica));
        }

        return replica;
    }

    protected static async Task<bool> IsReadyAsync(WebApplication replica) =>
        (await replica.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status == HealthStatus.Healthy;

    protected async Task<T> ReadAsync<T>(string sql)
    {
        await using var command = _sql.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    protected async Task ExecuteAsync(string sql)
    {
        await using var command = _sql.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    protected async Task<TargetBinding> GivenAsync(long revision = 1)
    {
        var binding = await Orders.CreateBindingAsync();
        await Lifecycle.AskAsync(binding, revision, leases: 1);
        await Lifecycle.AnswerAsync(revision);
        return binding;
    }
}
