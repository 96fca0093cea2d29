using MassTransit;

namespace Governance.Contracts.Lifecycle;

/// <summary>
/// Command to Issuance: make the target match what is held. Level-triggered: it says what should be, never what to add or remove.
/// Answered by <c>HoldingObserved</c> or <c>HoldingFailed</c>, both for this or a higher revision.
/// </summary>
[EntityName("governance.lifecycle.reconcile-holding.v1")]
[MessageUrn("governance:lifecycle:reconcile-holding:v1")]
public sealed record ReconcileHolding
{
    /// <summary>Id of the principal whose holding it is.</summary>
    public required string Principal { get; init; }

    /// <summary>Id of the entitlement.</summary>
    public required string Entitlement { get; init; }

    /// <summary>Revision of the holding, from the principal's ledger; a higher one replaces a lower.</summary>
    public required long Revision { get; init; }

    /// <summary>The grants by which it is held; empty means that the access must be gone.</summary>
    public required IReadOnlyList<Lease> Leases { get; init; }

    /// <summary>Where and as whom.</summary>
    public required TargetBinding Binding { get; init; }

    /// <summary>
    /// When it was recorded (UTC, Lifecycle's clock), so that Issuance knows how far away the ends of the leases were then, whatever its own
    /// clock says. Null from a version that does not say.
    /// </summary>
    public DateTimeOffset? SentAt { get; init; }
}

/// <summary>A grant's share in a holding.</summary>
/// <param name="GrantId">The grant.</param>
/// <param name="Until">When the target is to end it by itself, where it can (UTC).</param>
public sealed record Lease(Guid GrantId, DateTimeOffset Until)
{
    /// <summary>
    /// How long it is given for, from when it is first there, as long as nobody has recorded when that was: <see cref="Until"/> is then only the
    /// latest end that it can have. Null where <see cref="Until"/> is the end, and from a version that does not say. Positive.
    /// </summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The credential that the grant's own account is to have; null where its recipient gave no key.</summary>
    public LeaseCredential? Credential { get; init; }
}

/// <summary>A credential that is to be made and sealed.</summary>
/// <param name="Number">Counts the grant's credentials, from 1: a higher number replaces the one before.</param>
/// <param name="Key">Whom it is for.</param>
public sealed record LeaseCredential(int Number, RecipientKey Key);

/// <summary>Where a holding is at a target, from the catalog at the time of the permit.</summary>
public sealed record TargetBinding
{
    /// <summary>Id of the target: Issuance has its address and credentials.</summary>
    public required string Target { get; init; }

    /// <summary>The principal's account name at the target.</summary>
    public required string Account { get; init; }

    /// <summary>The right's name at the target, for example the group role of a PostgreSQL database.</summary>
    public required string Privilege { get; init; }
}
