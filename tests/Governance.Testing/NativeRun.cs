using System.Globalization;
using System.Security.Cryptography;
using Npgsql;

namespace Governance.Testing;

/// <summary>
/// Servers in a directory of their own, run by <c>deploy/local/servers</c>, which watches this process and cleans up when it is killed.
/// </summary>
internal sealed class NativeRun : IAsyncDisposable
{
    private static readonly string Script = RepositoryRoot.File("deploy", "local", "servers");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // Where a version has to be fetched first, a whole Debian comes with it.
    private static readonly TimeSpan PatienceToFetch = TimeSpan.FromMinutes(15);
    private readonly string directory;

    private NativeRun(string directory, IReadOnlyDictionary<string, string> settings)
    {
        this.directory = directory;
        Settings = settings;
    }

    /// <summary>What the script says of the servers.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <param name="servers">Their names, with commas.</param>
    /// <param name="versions">Which.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<NativeRun> StartAsync(string servers, ServerVersions versions, CancellationToken cancellationToken)
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
            "--servers",
            servers,
            "--watch",
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            "--statistics",
            "500",
            "--install",
            .. versions.RabbitMq is { } broker ? ["--rabbitmq", broker] : Array.Empty<string>(),
            .. versions.PostgreSql is { } postgres ? ["--postgresql", postgres] : Array.Empty<string>(),
        ];
        var result = await Command.RunAsync(Script, start, PatienceToFetch, cancellationToken);
        if (!result.Succeeded)
        {
            await Command.RunAsync(Script, ["stop", "--wipe", "--dir", home], Patience, CancellationToken.None);
            throw new ServersUnavailableException($"{Script} failed: {result.Error.Trim()}");
        }

        var settings = await Command.RunAsync(Script, ["env", "--dir", home], Patience, cancellationToken);
        return new NativeRun(home, Parse(settings.Output));
    }

    /// <summary>A PostgreSQL cluster as its superuser.</summary>
    public string Cluster(string portKey, string prefix) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = int.Parse(Settings[portKey], CultureInfo.InvariantCulture),
            Database = "postgres",
            Username = Settings[$"{prefix}_USER"],
            Password = Settings[$"{prefix}_PASSWORD"],
        }.ConnectionString;

    /// <summary>Runs the script.</summary>
    public async Task CallAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var result = await Command.RunAsync(Script, [.. arguments, "--dir", directory], Patience, cancellationToken);
        if (!result.Succeeded)
        {
            throw new InvalidOperationException($"{Script} {string.Join(' ', arguments)} failed: {result.Error.Trim()}");
        }
    }

    /// <summary>What a server has written.</summary>
    public Task<string> ReadLogAsync(string server, CancellationToken cancellationToken) =>
        File.ReadAllTextAsync(Path.Combine(directory, "logs", server + ".log"), cancellationToken);

    /// <summary>Stops the servers and deletes what they stored.</summary>
    public async ValueTask DisposeAsync() => await CallAsync(["stop", "--wipe"], CancellationToken.None);

    private static Dictionary<string, string> Parse(string variables) =>
        variables
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
}
