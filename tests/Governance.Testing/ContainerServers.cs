using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;
using Testcontainers.PostgreSql;
using Testcontainers.RabbitMq;

namespace Governance.Testing;

/// <summary>
/// The official images, when a Docker engine answers and has them. <c>GOVERNANCE_TESTS_PULL=1</c> lets the engine pull them,
/// <c>GOVERNANCE_TESTS_SERVERS=native|containers</c> decides without asking it.
/// </summary>
internal sealed class ContainerServers : SuiteServers
{
    private const ushort PostgresPort = 5432;
    private const ushort BrokerPort = 5672;
    private const ushort ManagementPort = 15672;
    private const string BrokerUser = "governance";
    private static readonly TimeSpan PullPatience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Dictionary<SuiteServer, DockerContainer> containers;

    private ContainerServers(PostgreSqlContainer postgres, PostgreSqlContainer target, RabbitMqContainer broker, string password)
    {
        containers = new()
        {
            [SuiteServer.RabbitMq] = broker,
            [SuiteServer.Postgres] = postgres,
            [SuiteServer.TargetPostgres] = target,
        };
        PostgresConnectionString = postgres.GetConnectionString();
        TargetConnectionString = target.GetConnectionString();
        BrokerUrl = $"amqp://{BrokerUser}:{password}@{broker.Hostname}:{broker.GetMappedPublicPort(BrokerPort)}";
        Management = new ManagementApi(
            new Uri($"http://{broker.Hostname}:{broker.GetMappedPublicPort(ManagementPort)}/"),
            BrokerUser,
            password
        );
    }

    public override string Kind => "containers";

    public override string PostgresConnectionString { get; }

    public override string TargetConnectionString { get; }

    public override ManagementApi Management { get; }

    protected override string BrokerUrl { get; }

    public static async Task<bool> CanStartAsync(ServerVersions versions, CancellationToken cancellationToken)
    {
        var (postgres, broker) = (PostgresImage(versions), BrokerImage(versions));
        switch (Environment.GetEnvironmentVariable("GOVERNANCE_TESTS_SERVERS"))
        {
            case "native":
                return false;
            case "containers":
                return true;
        }

        if (string.Equals(Environment.GetEnvironmentVariable("GOVERNANCE_TESTS_PULL"), "1", StringComparison.Ordinal))
        {
            return (await Docker(["version"], cancellationToken)).Succeeded
                && (await Docker(["pull", "--quiet", postgres], cancellationToken)).Succeeded
                && (await Docker(["pull", "--quiet", broker], cancellationToken)).Succeeded;
        }

        return await HasImagesAsync([postgres, broker], cancellationToken);
    }

    public static new async Task<ContainerServers> StartAsync(ServerVersions versions, CancellationToken cancellationToken)
    {
        // The reaper removes the containers of a killed run, but its image must be there as well.
        TestcontainersSettings.ResourceReaperEnabled =
            string.Equals(Environment.GetEnvironmentVariable("GOVERNANCE_TESTS_PULL"), "1", StringComparison.Ordinal)
            || await HasImagesAsync([TestcontainersSettings.ResourceReaperImage.FullName], cancellationToken);
        var password = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var postgres = BuildPostgres(versions, password);
        var target = BuildPostgres(versions, password);
        // Ports are fixed, since the engine would choose others when a test starts a server again.
        var broker = new RabbitMqBuilder(BrokerImage(versions))
            .WithUsername(BrokerUser)
            .WithPassword(password)
            .WithPortBinding(FreePort(), BrokerPort)
            .WithPortBinding(FreePort(), ManagementPort)
            .WithEnvironment("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-rabbit collect_statistics_interval 500 quorum_tick_interval 500")
            .Build();
        try
        {
            await Task.WhenAll(
                postgres.StartAsync(cancellationToken),
                target.StartAsync(cancellationToken),
                broker.StartAsync(cancellationToken)
            );
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new ServersUnavailableException(
                $"Docker could not start {PostgresImage(versions)} and {BrokerImage(versions)} (set GOVERNANCE_TESTS_SERVERS=native for native servers): {exception.Message}",
                exception
            );
        }

        return new ContainerServers(postgres, target, broker, password);
    }

    public override Task StopAsync(SuiteServer server, CancellationToken cancellationToken = default) =>
        containers[server].StopAsync(cancellationToken);

    protected override async Task KillAtOnceAsync(SuiteServer server, CancellationToken cancellationToken)
    {
        var result = await Docker(["kill", containers[server].Id], cancellationToken);
        if (!result.Succeeded)
        {
            throw new InvalidOperationException($"docker kill failed: {result.Error.Trim()}");
        }
    }

    public override Task StartAsync(SuiteServer server, CancellationToken cancellationToken = default) =>
        containers[server].StartAsync(cancellationToken);

    public override async Task AlarmBrokerAsync(bool on, CancellationToken cancellationToken = default)
    {
        string[] command = ["rabbitmqctl", "--quiet", "set_vm_memory_high_watermark", on ? "0" : "0.4"];
        var result = await containers[SuiteServer.RabbitMq].ExecAsync(command, cancellationToken);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"rabbitmqctl failed: {result.Stderr.Trim()}");
        }
    }

    public override async Task<string> ReadLogAsync(SuiteServer server, CancellationToken cancellationToken = default)
    {
        var (output, errors) = await containers[server].GetLogsAsync(ct: cancellationToken);
        return output + errors;
    }

    protected override async Task StopAllAsync()
    {
        foreach (var container in containers.Values)
        {
            await container.DisposeAsync();
        }
    }

    private static string PostgresImage(ServerVersions versions) => $"postgres:{versions.PostgreSql ?? "18"}";

    private static string BrokerImage(ServerVersions versions) => $"rabbitmq:{versions.RabbitMq ?? "4"}-management";

    private static PostgreSqlContainer BuildPostgres(ServerVersions versions, string password) =>
        new PostgreSqlBuilder(PostgresImage(versions))
            .WithDatabase("postgres")
            .WithUsername("postgres")
            .WithPassword(password)
            .WithPortBinding(FreePort(), PostgresPort)
            .WithCommand("-c", "max_connections=300", "-c", "max_prepared_transactions=20", "-c", "jit=off")
            .Build();

    private static Task<CommandResult> Docker(string[] arguments, CancellationToken cancellationToken) =>
        Command.RunAsync("docker", arguments, arguments[0] is "pull" ? PullPatience : Patience, cancellationToken);

    private static async Task<bool> HasImagesAsync(string[] images, CancellationToken cancellationToken) =>
        (await Docker(["image", "inspect", "--format", "{{.Id}}", .. images], cancellationToken)).Succeeded;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
