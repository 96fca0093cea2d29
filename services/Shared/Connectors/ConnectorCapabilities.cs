namespace Governance.Connectors;

/// <summary>What a connector's kind of target can do.</summary>
public sealed record ConnectorCapabilities
{
    /// <summary>The target ends access by itself at a holding's latest <c>until</c>.</summary>
    public required bool NativeEnd { get; init; }

    /// <summary>Sessions outlive the access unless the connector ends them, which it does.</summary>
    public required bool Sessions { get; init; }

    /// <summary>The target refuses a lower revision in the transaction that would change access, if the suite's account may keep state there.</summary>
    public required bool Fencing { get; init; }

    /// <summary>Each lease has an account of its own; otherwise the leases of a holding share one right.</summary>
    public required bool AccountPerGrant { get; init; }
}
