using Governance.Contracts.Decisions;

namespace Governance.Lifecycle.Grants;

/// <summary>The last time that somebody asked for a grant to last longer.</summary>
/// <param name="Requester">Who asked.</param>
/// <param name="Duration">For how long, from the moment at which it is granted.</param>
/// <param name="RequestedAt">When.</param>
/// <param name="Status">One of <see cref="RenewalStatus"/>.</param>
public sealed record GrantRenewal(string Requester, TimeSpan Duration, DateTimeOffset RequestedAt, string Status)
{
    /// <summary>Why it was refused; null when it wasn't.</summary>
    public IReadOnlyList<string>? Reasons { get; init; }

    /// <summary>The permit that came nearest and what it lacked; null unless it was refused for want of one.</summary>
    public NearestPermit? Nearest { get; init; }

    /// <summary>What the policies say that refused it; null for nothing.</summary>
    public IReadOnlyList<PolicyWords>? Because { get; init; }

    /// <summary>When the outcome was known; null while it isn't.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    internal bool IsOpen => Status is RenewalStatus.Deciding or RenewalStatus.AwaitingApproval;

    internal GrantRenewal As(string status, DateTimeOffset at, IReadOnlyList<string>? reasons = null) =>
        this with
        {
            Status = status,
            Reasons = reasons,
            DecidedAt = at,
        };
}

/// <summary>How far a renewal is. Persisted and on the wire.</summary>
public static class RenewalStatus
{
    public const string Deciding = "deciding";
    public const string AwaitingApproval = "awaiting-approval";
    public const string Renewed = "renewed";
    public const string Refused = "refused";

    /// <summary>The access was suspended, or ended, before it was decided.</summary>
    public const string Lapsed = "lapsed";
}
