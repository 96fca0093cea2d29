using Governance.Contracts.Decisions;

namespace Governance.Lifecycle.Grants;

/// <summary>The last time that access was taken away for a while.</summary>
/// <param name="By">Who took it.</param>
/// <param name="StartedAt">When it was told to.</param>
public sealed record GrantSuspension(string By, DateTimeOffset StartedAt)
{
    /// <summary>When the target was read back without the access; null while it hasn't been.</summary>
    public DateTimeOffset? SuspendedAt { get; init; }

    /// <summary>Whether somebody has asked for it back and the answer is open.</summary>
    public bool ResumptionAsked { get; init; }

    /// <summary>Why it was not given back when somebody last asked; null when nobody has, or it was.</summary>
    public IReadOnlyList<string>? Refused { get; init; }

    /// <inheritdoc cref="GrantRenewal.Nearest"/>
    public NearestPermit? Nearest { get; init; }

    /// <inheritdoc cref="GrantRenewal.Because"/>
    public IReadOnlyList<PolicyWords>? Because { get; init; }

    /// <summary>When it was read back at the target again; null while it hasn't been.</summary>
    public DateTimeOffset? ResumedAt { get; init; }
}
