namespace Governance.Testing;

/// <summary>Private servers of the machine's own programs.</summary>
internal sealed class NativeServers : SuiteServers
{
    private readonly NativeRun run;

    private NativeServers(NativeRun run)
    {
        this.run = run;
        var user = run.Settings["RABBITMQ_USER"];
        var password = run.Settings["RABBITMQ_PASSWORD"];
        BrokerUrl = $"amqp://{user}:{password}@127.0.0.1:{run.Settings["RABBITMQ_PORT"]}";
        Management = new ManagementApi(new Uri($"http://127.0.0.1:{run.Settings["RABBITMQ_MANAGEMENT_PORT"]}/"), user, password);
        PostgresConnectionString = run.Cluster("POSTGRES_PORT", "POSTGRES");
        TargetConnectionString = run.Cluster("TARGET_POSTGRES_PORT", "TARGET_POSTGRES");
    }

    public override string Kind => "native";

    public override string PostgresConnectionString { get; }

    public override string TargetConnectionString { get; }

    public override ManagementApi Management { get; }

    protected override string BrokerUrl { get; }

    public static new async Task<NativeServers> StartAsync(ServerVersions versions, CancellationToken cancellationToken)
    {
        try
        {
            return new NativeServers(await NativeRun.StartAsync("rabbitmq,suite,target", versions, cancellationToken));
        }
        catch (ServersUnavailableException exception)
        {
            throw new ServersUnavailableException("No Docker engine has the images, and " + exception.Message, exception);
        }
    }

    public override Task StopAsync(SuiteServer server, CancellationToken cancellationToken = default) =>
        run.CallAsync(["stop-one", NameOf(server)], cancellationToken);

    protected override Task KillAtOnceAsync(SuiteServer server, CancellationToken cancellationToken) =>
        run.CallAsync(["stop-one", NameOf(server), "--kill"], cancellationToken);

    public override Task StartAsync(SuiteServer server, CancellationToken cancellationToken = default) =>
        run.CallAsync(["start-one", NameOf(server)], cancellationToken);

    public override Task AlarmBrokerAsync(bool on, CancellationToken cancellationToken = default) =>
        run.CallAsync(["alarm", on ? "on" : "off"], cancellationToken);

    public override Task<string> ReadLogAsync(SuiteServer server, CancellationToken cancellationToken = default) =>
        run.ReadLogAsync(NameOf(server), cancellationToken);

    protected override Task StopAllAsync() => run.DisposeAsync().AsTask();

    private static string NameOf(SuiteServer server) =>
        server switch
        {
            SuiteServer.RabbitMq => "rabbitmq",
            SuiteServer.Postgres => "suite",
            SuiteServer.TargetPostgres => "target",
            _ => throw new ArgumentOutOfRangeException(nameof(server), server, message: null),
        };
}
