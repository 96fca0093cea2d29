using System.Globalization;
using System.Security.Cryptography;
using Npgsql;

namespace Governance.Testing;

/// <summary>
/// Private servers of the machine's own programs, run by <c>deploy/local/servers</c>, which watches this process and cleans up
/// when it is killed.
/// </summary>
internal sealed class NativeServers : SuiteServers
{
    private static readonly string Script = RepositoryRoot.File("deploy", "local", "servers");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly string directory;

    private NativeServers(string directory, IReadOnlyDictionary<string, string> settings)
    {
        this.directory = directory;
        var user = settings["RABBITMQ_USER"];
        var password = settings["RABBITMQ_PASSWORD"];
        BrokerUrl = $"amqp://{user}:{password}@127.0.0.1:{settings["RABBITMQ_PORT"]}";
        Management = new ManagementApi(new Uri($"http://127.0.0.1:{settings["RABBITMQ_MANAGEMENT_PORT"]}/"), user, password);
        PostgresConnectionString = Cluster(settings, "POSTGRES");
        TargetConnectionString = Cluster(settings, "TARGET_POSTGRES");
    }

    public override string Kind => "native";

    public override string PostgresConnectionString { get; }

    public override string TargetConnectionString { get; }

    public override ManagementApi Management { get; }

    protected override string BrokerUrl { get; }

    public static new async Task<NativeServers> StartAsync(CancellationToken cancellationToken)
    {
        var home = Path.Combine(
            Path.GetTempPath(),
            $"governance-tests-{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}"
        );
        string[] start =
        [
            "start",
            "--dir",
            home,
            "--watch",
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            "--statistics",
            "500",
            "--install",
        ];
        var result = await Command.RunAsync(Script, start, Patience, cancellationToken);
        if (!result.Succeeded)
        {
            await Command.RunAsync(Script, ["stop", "--wipe", "--dir", home], Patience, CancellationToken.None);
            throw new ServersUnavailableException($"No Docker engine has the images, and {Script} failed: {result.Error.Trim()}");
        }

        var settings = await Command.RunAsync(Script, ["env", "--dir", home], Patience, cancellationToken);
        return new NativeServers(home, Parse(settings.Output));
    }

    public override Task StopAsync(SuiteServer server, CancellationToken cancellationToken = default) =>
        RunAsync(["stop-one", NameOf(server)], cancellationToken);

    public override Task KillAsync(SuiteServer server, CancellationToken cancellationToken = default) =>
        RunAsync(["stop-one", NameOf(server), "--kill"], cancellationToken);

    public override Task StartAsync(SuiteServer server, CancellationToken cancellationToken = default) =>
        RunAsync(["start-one", NameOf(server)], cancellationToken);

    protected override Task StopAllAsync() => RunAsync(["stop", "--wipe"], CancellationToken.None);

    private static string NameOf(SuiteServer server) =>
        server switch
        {
            SuiteServer.RabbitMq => "rabbitmq",
            SuiteServer.Postgres => "suite",
            SuiteServer.TargetPostgres => "target",
            _ => throw new ArgumentOutOfRangeException(nameof(server), server, message: null),
        };

    private static string Cluster(IReadOnlyDictionary<string, string> settings, string prefix) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = int.Parse(settings[$"{prefix}_PORT"], CultureInfo.InvariantCulture),
            Database = "postgres",
            Username = settings[$"{prefix}_USER"],
            Password = settings[$"{prefix}_PASSWORD"],
        }.ConnectionString;

    private static Dictionary<string, string> Parse(string variables) =>
        variables
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    private async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var result = await Command.RunAsync(Script, [.. arguments, "--dir", directory], Patience, cancellationToken);
        if (!result.Succeeded)
        {
            throw new InvalidOperationException($"{Script} {string.Join(' ', arguments)} failed: {result.Error.Trim()}");
        }
    }
}
