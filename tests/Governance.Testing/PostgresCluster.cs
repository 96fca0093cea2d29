namespace Governance.Testing;

/// <summary>A private PostgreSQL of one major version: the machine's own if it is that, else one from npm.</summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    private const string Server = "target";
    private readonly NativeRun run;

    private PostgresCluster(NativeRun run) => this.run = run;

    /// <summary>The superuser's, database <c>postgres</c>.</summary>
    public string ConnectionString => run.Cluster("TARGET_POSTGRES_PORT", "TARGET_POSTGRES");

    /// <param name="version">The major version.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ServersUnavailableException">It can't be had here; the message says why.</exception>
    public static async Task<PostgresCluster> StartAsync(string version, CancellationToken cancellationToken = default) =>
        new(await NativeRun.StartAsync(Server, new ServerVersions(PostgreSql: version), cancellationToken));

    /// <summary>What it has written to its log.</summary>
    public Task<string> ReadLogAsync(CancellationToken cancellationToken = default) => run.ReadLogAsync(Server, cancellationToken);

    /// <summary>Stops it and deletes what it stored.</summary>
    public ValueTask DisposeAsync() => run.DisposeAsync();
}
