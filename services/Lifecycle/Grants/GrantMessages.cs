using Governance.Contracts;
using Governance.Contracts.Issuance;

namespace Governance.Lifecycle.Grants;

// Commands from people and what the ledger tells a grant: they never leave the process.

/// <summary>Base of a person's command.</summary>
public abstract record GrantCommand
{
    public required Guid GrantId { get; init; }

    public required ActorRef Actor { get; init; }

    /// <summary>The caller's idempotency key, made unique per command; null when none was given.</summary>
    public string? Key { get; init; }

    public string? Comment { get; init; }
}

/// <summary>Base of a command that is about what somebody looked at.</summary>
public abstract record RevisedCommand : GrantCommand
{
    /// <summary>The revision that they looked at; null when they don't say, which will do while there is but one.</summary>
    public int? Revision { get; init; }
}

public sealed record ApproveGrant : RevisedCommand
{
    /// <summary>The longest that the approver agrees to; null for what is asked for.</summary>
    public TimeSpan? Duration { get; init; }
}

/// <summary>Changes what is asked for. What is null stays.</summary>
public sealed record EditGrant : RevisedCommand
{
    public TimeSpan? Duration { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public string? Justification { get; init; }
}

/// <summary>Somebody looked at the access.</summary>
public sealed record ReviewGrant : RevisedCommand
{
    /// <summary>Whether it may stay.</summary>
    public required bool Keep { get; init; }
}

/// <summary>Asks for access to last longer.</summary>
public sealed record RenewGrant : GrantCommand
{
    /// <summary>From the moment at which it is granted; null for as long as it was given before.</summary>
    public TimeSpan? Duration { get; init; }

    public required string Justification { get; init; }
}

/// <summary>Takes access away for a while.</summary>
public sealed record SuspendGrant : GrantCommand;

/// <summary>Asks for suspended access back.</summary>
public sealed record ResumeGrant : GrantCommand;

/// <summary>Asks for another credential.</summary>
public sealed record RotateCredential : GrantCommand
{
    /// <summary>Whom it is for; null for whom the one before was.</summary>
    public Contracts.Lifecycle.RecipientKey? RecipientKey { get; init; }
}

/// <summary>Asks for the sealed credential.</summary>
public sealed record HandOutCredential : GrantCommand
{
    /// <summary>The one that is ready.</summary>
    public required int Number { get; init; }
}

public sealed record RejectGrant : RevisedCommand;

public sealed record WithdrawGrant : GrantCommand;

public sealed record RevokeGrant : GrantCommand;

/// <summary>The ledger to a grant that waits: the target was read back.</summary>
/// <param name="GrantId">The grant.</param>
/// <param name="Observed">What was read.</param>
/// <param name="StillHeldBy">Other grants that hold the same entitlement now.</param>
public sealed record HoldingSettled(Guid GrantId, HoldingObserved Observed, IReadOnlyList<Guid> StillHeldBy);

/// <summary>The ledger to a grant that waits: an attempt failed.</summary>
public sealed record HoldingFaltered(Guid GrantId, HoldingFailed Failed);
