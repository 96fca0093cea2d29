namespace Governance.Connectors;

/// <summary>How a target took a desired holding.</summary>
public abstract record ApplyResult
{
    private ApplyResult() { }

    /// <summary>Done: reading back shows it.</summary>
    public sealed record Applied : ApplyResult
    {
        /// <summary>The credentials that were asked for with <see cref="DesiredHolding.CredentialsFor"/>, one for each of those grants.</summary>
        public IReadOnlyList<Credential> Credentials { get; init; } = [];
    }

    /// <summary>The target took it and needs time.</summary>
    /// <param name="LookAgainAt">When to ask again (UTC).</param>
    public sealed record Accepted(DateTimeOffset LookAgainAt) : ApplyResult;
}
