namespace Governance.Testing;

/// <summary>
/// A private PostgreSQL of a later version than the machine's own: the one in <c>GOVERNANCE_TESTS_POSTGRESQL_BIN</c>, else one from npm.
/// </summary>
public sealed class NewerPostgres : IAsyncDisposable
{
    private readonly NativeRun run;

    private NewerPostgres(NativeRun run) => this.run = run;

    /// <summary>The superuser's, database <c>postgres</c>.</summary>
    public string ConnectionString => run.Cluster("NEWER_POSTGRES_PORT", "TARGET_POSTGRES");

    /// <exception cref="ServersUnavailableException">It can't be had here; the message says why.</exception>
    public static async Task<NewerPostgres> StartAsync(CancellationToken cancellationToken = default) =>
        new(await NativeRun.StartAsync("newer", cancellationToken));

    /// <summary>What it has written to its log.</summary>
    public Task<string> ReadLogAsync(CancellationToken cancellationToken = default) => run.ReadLogAsync("newer", cancellationToken);

    /// <summary>Stops it and deletes what it stored.</summary>
    public ValueTask DisposeAsync() => run.DisposeAsync();
}
