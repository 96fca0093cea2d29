namespace Governance.Issuance;

/// <summary>A target: section <c>Issuance:Targets:N</c>.</summary>
public sealed class TargetOptions
{
    /// <summary>Id in the catalog, for example <c>orders-db</c>.</summary>
    public string Id { get; set; } = "";

    /// <summary>Kind of its connector, for example <c>postgresql</c>.</summary>
    public string Kind { get; set; } = "";

    /// <summary>Address and credentials. Secret.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Attempts that one replica makes at once. One of them is kept free for taking access away.</summary>
    /// <value>The default is 8; 2 to 64.</value>
    public int Concurrency { get; set; } = 8;

    /// <summary>The hard end of an attempt, counted from its claim.</summary>
    /// <value>The default is 10 s; 500 ms to 5 min.</value>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long connecting may take.</summary>
    /// <value>The default is 5 s; 1 s to 1 min.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a call is made again at once after a transient fault that changed nothing.</summary>
    /// <value>The default is 2; 0 to 10.</value>
    public int Retries { get; set; } = 2;

    /// <summary>Failed calls within <see cref="BreakAfterWindow"/> that open the circuit, if they are at least half of all.</summary>
    /// <value>The default is 8; 2 to 1000.</value>
    public int BreakAfter { get; set; } = 8;

    /// <summary>The time over which calls are counted.</summary>
    /// <value>The default is 30 s; 1 s to 10 min.</value>
    public TimeSpan BreakAfterWindow { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a target is left alone while its circuit is open.</summary>
    /// <value>The default is 5 s; 500 ms to 1 min.</value>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);
}
