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

        /// <summary>
        /// What goes on with the access although it was taken away, which reading back can't show: sessions, in the target's words.
        /// </summary>
        public IReadOnlyList<string> StillEffectiveBy { get; init; } = [];
    }

    /// <summary>The target took it and needs time.</summary>
    /// <param name="LookAgainAt">When to ask again (UTC).</param>
    public sealed record Accepted(DateTimeOffset LookAgainAt) : ApplyResult;
}
