namespace Governance.Lifecycle.Retention;

/// <summary>
/// All access that is there, decided again since another bundle or catalog is in force. One stream a sweep. What has to go goes when all is
/// decided, and only on an operator's word if it is too much at once.
/// </summary>
public sealed class Sweep
{
    public Guid Id { get; set; }

    /// <summary>Which change of what is in force it answers: the version of that stream.</summary>
    public long InForceVersion { get; set; }

    public string Bundle { get; set; } = "";

    public string Catalog { get; set; } = "";

    public string State { get; set; } = SweepState.Judging;

    public int Total { get; set; }

    public int Forbidden { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? JudgedAt { get; set; }

    public DateTimeOffset? ConfirmedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    public static Guid IdOf(long inForceVersion) =>
        NameBasedUuid.Create(
            NameBasedUuid.GovernanceNamespace,
            "sweep\n" + inForceVersion.ToString(System.Globalization.CultureInfo.InvariantCulture)
        );

    public void Apply(SweepStarted e) => (InForceVersion, Bundle, Catalog, StartedAt) = (e.InForceVersion, e.Bundle, e.Catalog, e.At);

    public void Apply(SweepJudged e)
    {
        (Total, Forbidden, JudgedAt) = (e.Total, e.Forbidden, e.At);
        State = e.Held ? SweepState.Held : SweepState.Ending;
    }

    public void Apply(SweepConfirmed e) => (State, ConfirmedAt) = (SweepState.Ending, e.At);

    public void Apply(SweepFinished e) => (State, FinishedAt) = (SweepState.Finished, e.At);

    public void Apply(SweepSuperseded e) => (State, FinishedAt) = (SweepState.Superseded, e.At);
}

/// <summary>Where a sweep is. Persisted and on the wire.</summary>
public static class SweepState
{
    /// <summary>Grants are being decided again.</summary>
    public const string Judging = "judging";

    /// <summary>Too much would go at once: an operator has to say so.</summary>
    public const string Held = "held";

    /// <summary>What is forbidden is being taken away.</summary>
    public const string Ending = "ending";

    /// <summary>All that is left is permitted.</summary>
    public const string Finished = "finished";

    /// <summary>A later change of what is in force is being swept in its place.</summary>
    public const string Superseded = "superseded";
}
