using MassTransit;

namespace Governance.Contracts.Issuance;

/// <summary>Issuance made the target match a holding, and read it back. An answer for a revision answers every lower one too.</summary>
[EntityName("governance.issuance.holding-observed.v1")]
[MessageUrn("governance:issuance:holding-observed:v1")]
public sealed record HoldingObserved
{
    /// <summary>Id of the principal.</summary>
    public required string Principal { get; init; }

    /// <summary>Id of the entitlement.</summary>
    public required string Entitlement { get; init; }

    /// <summary>The highest revision that Issuance knows, and that the target matches.</summary>
    public required long Revision { get; init; }

    /// <summary>The account has the right itself.</summary>
    public required bool Direct { get; init; }

    /// <summary>The account has the right in effect, by whatever path.</summary>
    public required bool Effective { get; init; }

    /// <summary>Paths by which it is effective without being direct, in the target's words.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>
    /// What makes of the access that is there less than was asked for, in the target's words; null for nothing, and from a version that
    /// doesn't tell.
    /// </summary>
    public IReadOnlyList<string>? Narrowed { get; init; }

    /// <summary>When the target ends it by itself (UTC); null when it doesn't.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The access was there before the suite first gave it.</summary>
    public bool PreExisting { get; init; }

    /// <summary>
    /// Issuance took it away although it is desired, since the last lease was over for a time (30 s unless configured) and no higher revision
    /// had come.
    /// </summary>
    public bool Overdue { get; init; }

    /// <summary>Whether the target refuses what is older than the last change; null where its kind never does, or it is not known.</summary>
    public bool? Fenced { get; init; }

    /// <summary>When the target was read (UTC, Issuance's clock). It counts between the order and the answer only.</summary>
    public required DateTimeOffset ObservedAt { get; init; }

    /// <summary>
    /// When this revision was first read back like this, however often it has been read since (UTC, Issuance's clock): activations and ends
    /// count from here. Null from a version that does not keep it: <see cref="ObservedAt"/> counts.
    /// </summary>
    public DateTimeOffset? FirstObservedAt { get; init; }

    /// <summary>
    /// It was read again while nothing was asked for, to see whether somebody else has changed it at the target: it may differ from what the
    /// revision desires.
    /// </summary>
    public bool Reread { get; init; }
}
