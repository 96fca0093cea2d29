using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Governance.Testing;
using Npgsql;

namespace Governance.EndToEnd.Tests.Running;

/// <summary>How a suite is started.</summary>
/// <param name="Name">For its files.</param>
/// <param name="Replicas">Of Intake, Lifecycle, Issuance and Expiry each.</param>
/// <param name="Principals">In its catalog.</param>
internal sealed record SuiteShape(string Name, int Replicas, int Principals)
{
    /// <summary>Variables for every process on top.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether the first replica of each service has a clock of its own, which can be set. It costs a process some of its speed.</summary>
    public bool MovableClocks { get; init; }

    /// <summary>Owners of its principals. Decisions about what one owner's principals hold wait for each other.</summary>
    public int Owners { get; init; } = 8;

    /// <summary>Targets beside the suite's own cluster; whoever made them disposes of them.</summary>
    public IReadOnlyList<SuiteTarget> Targets { get; init; } = [];
}

/// <summary>All services as processes, with databases, a virtual host, a catalog and targets of their own.</summary>
internal sealed class Suite : IAsyncDisposable
{
    private const string IssuanceSecret = "the-secret-between-lifecycle-and-issuance";
    private static readonly string[] Services = ["policy", "lifecycle", "issuance", "expiry", "intake"];
    private readonly Dictionary<string, string> _databases = new(StringComparer.Ordinal);
    private readonly List<Replica> _replicas = [];
    private Process? _reaper;

    private Suite(SuiteShape shape)
    {
        var tag = "t" + RandomNumberGenerator.GetHexString(5, lowercase: true);
        Shape = shape;
        Catalog = new SuiteCatalog(tag, shape);
        Home = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"governance-{shape.Name}-{tag}")).FullName;
    }

    public SuiteShape Shape { get; }

    public SuiteCatalog Catalog { get; }

    public Journal Journal { get; } = new();

    /// <summary>Logs, catalog, policies, crash markers.</summary>
    public string Home { get; }

    public TargetCluster Target { get; private set; } = null!;

    public string BusUrl { get; private set; } = null!;

    public string VirtualHost => Uri.UnescapeDataString(new Uri(BusUrl).AbsolutePath[1..]);

    public IReadOnlyList<Replica> Replicas => _replicas;

    public SuiteApi Api { get; private set; } = null!;

    public RequestPublisher Publisher { get; private set; } = null!;

    public static async Task<Suite> StartAsync(SuiteShape shape)
    {
        var suite = new Suite(shape);
        try
        {
            await suite.StartAsync();
            return suite;
        }
        catch
        {
            await suite.DisposeAsync();
            throw;
        }
    }

    /// <summary>The connection string that a service has for its database.</summary>
    public string Database(string service) => _databases[service];

    public IReadOnlyList<Replica> Of(string service) => [.. _replicas.Where(r => r.Service == service)];

    /// <summary>Waits until every replica is ready.</summary>
    public Task ReadyAsync(TimeSpan? timeout = null) =>
        Eventually.Until(
            async () =>
                (await Task.WhenAll(_replicas.Select(r => r.HealthAsync())))
                    .Where(h => !h.Contains(": 200 ", StringComparison.Ordinal))
                    .ToList(),
            Is.Empty,
            timeout ?? TimeSpan.FromSeconds(Shape.MovableClocks ? 300 : 180),
            $"all replicas are ready (logs: {Home})"
        );

    /// <summary>The replica that holds the leader lock of its service's relay; null while nobody does.</summary>
    public async Task<Replica?> LeaderAsync(string service)
    {
        await using var connection = await TargetCluster.OpenAsync(Database(service));
        await using var command = new NpgsqlCommand(
            """
            select a.application_name from pg_locks l join pg_stat_activity a using (pid)
            where l.locktype = 'advisory' and l.granted and l.classid = 0 and l.objsubid = 1
              and l.database = (select oid from pg_database where datname = current_database()) limit 1
            """,
            connection
        );
        var name = (string?)await command.ExecuteScalarAsync();
        return Of(service).FirstOrDefault(r => name?.StartsWith(Sessions(r), StringComparison.Ordinal) == true);
    }

    /// <summary>Ends the sessions by which a replica holds leader locks.</summary>
    public async Task TakeLeadAsync(Replica replica)
    {
        await using var connection = await TargetCluster.OpenAsync(Database(replica.Service));
        await using var command = new NpgsqlCommand(
            """
            select count(pg_terminate_backend(pid)) from (
                select distinct a.pid from pg_locks l join pg_stat_activity a using (pid)
                where l.locktype = 'advisory' and l.granted and l.classid = 0 and l.objsubid = 1 and starts_with(a.application_name, $1)
                  and l.database = (select oid from pg_database where datname = current_database())) leaders
            """,
            connection
        );
        command.Parameters.Add(new() { Value = Sessions(replica) });
        await command.ExecuteScalarAsync();
    }

    // Services name their sessions after their process.
    private static string Sessions(Replica replica) => $"governance-{replica.Service}-{replica.Id.ToString(CultureInfo.InvariantCulture)}-";

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_replicas.Select(r => r.DisposeAsync().AsTask()));
        if (Publisher is not null)
        {
            await Publisher.DisposeAsync();
        }

        Api?.Dispose();
        if (_reaper is not null)
        {
            _reaper.Kill();
            _reaper.Dispose();
        }

        if (TestContext.CurrentContext.Result.FailCount == 0)
        {
            Directory.Delete(Home, recursive: true);
        }
        else
        {
            await TestContext.Progress.WriteLineAsync($"Logs are kept in {Home}");
        }
    }

    private async Task StartAsync()
    {
        var servers = SuiteServers.Current;
        Target = await TargetCluster.CreateAsync(servers, Catalog);
        BusUrl = await servers.CreateVirtualHostAsync(Shape.Name);
        Catalog.Write(Home, RequestPublisher.UserOf(BusUrl));
        foreach (var service in Services)
        {
            _databases[service] = await servers.CreateDatabaseAsync($"{Shape.Name}_{service}");
        }

        var (http, issuance, grpc) = (
            Ports.Next(),
            Ports.Next(),
            new Dictionary<string, int>(StringComparer.Ordinal) { ["lifecycle"] = Ports.Next(), ["policy"] = Ports.Next() }
        );
        foreach (var service in Services)
        {
            var count = service is "policy" ? 1 : Shape.Replicas;
            for (var i = 0; i < count; i++)
            {
                var port =
                    i > 0 ? Ports.Next()
                    : service == "lifecycle" ? http
                    : service == "issuance" ? issuance
                    : Ports.Next();
                var clock =
                    Shape.MovableClocks && i == 0 ? await MovableClock.CreateAsync(Path.Combine(Home, $"{service}-{i}.clock")) : null;
                _replicas.Add(Create(service, i, port, http, issuance, grpc, clock));
            }
        }

        Reap();
        _replicas.ForEach(r => r.Start());
        Api = new SuiteApi([.. Of("intake").Select(r => r.Address)], [.. Of("lifecycle").Select(r => r.Address)]);
        Publisher = new RequestPublisher(BusUrl);
        await ReadyAsync();
        // What came in force with the start is swept too, which is over before anything is measured.
        await Eventually.Until(
            async () => (await Api.GetAsync("/v1/sweeps")).Text("sweeps")?.Contains("\"finished\"", StringComparison.Ordinal) == true,
            TimeSpan.FromSeconds(60)
        );
        Journal.Note($"{Shape.Name}: {_replicas.Count} processes are ready; files in {Home}");
    }

    private Replica Create(
        string service,
        int index,
        int port,
        int lifecycleHttp,
        int issuanceHttp,
        Dictionary<string, int> grpc,
        MovableClock? clock
    )
    {
        var address = new Uri($"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DOTNET_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["DOTNET_TieredPGO"] = "0",
            ["Governance__Tenant"] = "test",
            ["Bus__Url"] = BusUrl,
            ["ConnectionStrings__Database"] = Database(service),
            ["Kestrel__Endpoints__Http__Url"] = address.ToString(),
            ["Kestrel__Endpoints__Http__Protocols"] = "Http1",
        };
        if (grpc.TryGetValue(service, out var first))
        {
            // Intake asks the first replica for names; a second one has a port that nobody knows.
            environment["Kestrel__Endpoints__Grpc__Url"] = Local(index == 0 ? first : Ports.Next());
            environment["Kestrel__Endpoints__Grpc__Protocols"] = "Http2";
        }

        foreach (var (name, value) in Settings(service, lifecycleHttp, issuanceHttp, grpc["lifecycle"]).Concat(Shape.Environment))
        {
            environment[name] = value;
        }

        return new Replica(service, index, ServiceFiles.Dll(service), Home, environment, address, Journal) { Clock = clock };
    }

    private IEnumerable<KeyValuePair<string, string>> Settings(string service, int lifecycleHttp, int issuanceHttp, int lifecycleGrpc)
    {
        switch (service)
        {
            case "intake":
                yield return new("Intake__LifecycleUrl", Local(lifecycleGrpc));
                yield return new("Intake__PublicLifecycleUrl", Local(lifecycleHttp));
                break;
            case "policy":
                yield return new("Policy__BundleDirectory", Path.Combine(Home, "policies"));
                yield return new("Policy__LifecycleUrl", Local(lifecycleGrpc));
                break;
            case "lifecycle":
                yield return new("Lifecycle__CatalogDirectory", Path.Combine(Home, "catalog"));
                yield return new("Lifecycle__IssuanceUrl", Local(issuanceHttp));
                yield return new("Lifecycle__IssuanceSecret", IssuanceSecret);
                // One clock, and tests that ask again at once.
                yield return new("Lifecycle__ClockTolerance", "00:00:00");
                yield return new("Lifecycle__RedrivePeriod", "00:00:03");
                yield return new("Lifecycle__RedriveAfter", "00:00:08");
                yield return new("Lifecycle__ApprovalWindow", "00:00:30");
                break;
            case "issuance":
                foreach (
                    var (index, (id, kind, connection)) in new[]
                    {
                        ("orders-db", "postgresql", AsConnector(Target.Orders)),
                        ("ledger-db", "postgresql", AsConnector(Target.Ledger)),
                        ("orders-logins", "postgresql-login", AsConnector(Target.Orders)),
                    }
                        .Concat(Shape.Targets.Select(t => (t.Kind, t.Kind, t.At.ConnectionString)))
                        .Index()
                )
                {
                    var prefix = $"Issuance__Targets__{index.ToString(CultureInfo.InvariantCulture)}__";
                    yield return new(prefix + "Id", id);
                    yield return new(prefix + "Kind", kind);
                    yield return new(prefix + "ConnectionString", connection);
                    yield return new(prefix + "AttemptTimeout", "00:00:05");
                    yield return new(prefix + "BreakDuration", "00:00:01");
                }

                yield return new("Issuance__LifecycleSecret", IssuanceSecret);
                yield return new("Issuance__ClaimMargin", "00:00:00.500");
                yield return new("Issuance__MaxBackOff", "00:00:02");
                yield return new("Issuance__MaxRemovalBackOff", "00:00:02");
                break;
            case "expiry":
                yield return new("Expiry__FirstRepeat", "00:00:02");
                yield return new("Expiry__LongestRepeat", "00:00:05");
                break;
        }
    }

    private string AsConnector(string superuser) =>
        TargetCluster.As(superuser, Target.Connector).Replace("Pooling=False", "Pooling=True", StringComparison.OrdinalIgnoreCase);

    private static string Local(int port) => $"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";

    // Nothing else would end the services when this process is killed.
    private void Reap()
    {
        const string Script =
            "while kill -0 \"$1\" 2>/dev/null; do sleep 1; done; for f in \"$2\"/*.pid; do kill -9 \"$(cat \"$f\")\"; done";
        _reaper = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), Home])
            {
                UseShellExecute = false,
            }
        );
    }
}
