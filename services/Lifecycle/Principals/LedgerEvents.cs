using Governance.Contracts.Lifecycle;

namespace Governance.Lifecycle.Principals;

// Every event of a principal's ledger.

/// <summary>From now on the principal counts as holding the entitlement by this grant.</summary>
public sealed record HoldingClaimed(string Principal, Guid GrantId, string Entitlement, DateTimeOffset At);

/// <summary>The target is to match these leases. Revisions of a ledger are 1..n, each once.</summary>
public sealed record HoldingDesired
{
    public required string Principal { get; init; }
    public required string Entitlement { get; init; }
    public required long Revision { get; init; }
    public required IReadOnlyList<Lease> Leases { get; init; }
    public required TargetBinding Binding { get; init; }

    /// <summary>The grant that waits for this revision to be observed; null when none does.</summary>
    public Guid? AwaitedBy { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>The desired holding was asked for again, since an answer is overdue.</summary>
public sealed record HoldingReasked
{
    public required string Principal { get; init; }
    public required string Entitlement { get; init; }
    public required long Revision { get; init; }
    public required IReadOnlyList<Lease> Leases { get; init; }
    public required TargetBinding Binding { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>The target was read back; unless it was read again later, it matches the desired holding of this revision.</summary>
public sealed record HoldingConfirmed
{
    public required string Entitlement { get; init; }
    public required long Revision { get; init; }
    public required bool Direct { get; init; }
    public required bool Effective { get; init; }
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>What makes less of it than was granted, in the target's words; null for nothing.</summary>
    public IReadOnlyList<string>? Narrowed { get; init; }
    public DateTimeOffset? Until { get; init; }
    public required bool PreExisting { get; init; }

    /// <summary>Whether the target refuses what is older; null where that is not known.</summary>
    public bool? Fenced { get; init; }

    public required DateTimeOffset ObservedAt { get; init; }

    /// <summary>It was read again while nothing was asked for, and may differ from what is desired.</summary>
    public bool Reread { get; init; }

    /// <summary>The grants that waited for this and were told.</summary>
    public required IReadOnlyList<Guid> Told { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>Somebody who acts on this principal's behalf was given what this principal has, by this grant.</summary>
/// <param name="Principal">Whose right it is.</param>
/// <param name="GrantId">What relies on it.</param>
/// <param name="Entitlement">The right.</param>
/// <param name="Over">Grants that relied on one and have ended since.</param>
/// <param name="At">When.</param>
public sealed record RightRelied(string Principal, Guid GrantId, string Entitlement, IReadOnlyList<Guid> Over, DateTimeOffset At);

/// <summary>The principal is losing the entitlement; the grants that rely on it are decided again.</summary>
public sealed record RightLost(string Entitlement, IReadOnlyList<Guid> Relying, DateTimeOffset At);

/// <summary>The principal no longer counts as holding by this grant.</summary>
public sealed record HoldingReleased(Guid GrantId, string Entitlement, DateTimeOffset At);
