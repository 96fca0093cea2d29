namespace Governance.Connectors;

/// <summary>How to reach one target.</summary>
public sealed class ConnectorSettings
{
    /// <summary>Id of the target in the catalog.</summary>
    public required string Target { get; init; }

    /// <summary>Address and credentials, as the kind of target writes them. Secret.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>How many calls are made at once, at most.</summary>
    public required int Concurrency { get; init; }

    /// <summary>How long connecting may take.</summary>
    public required TimeSpan ConnectTimeout { get; init; }
}
