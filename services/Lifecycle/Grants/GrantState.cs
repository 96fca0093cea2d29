using System.Text.Json;

namespace Governance.Lifecycle.Grants;

/// <summary>The states of a grant by the names of the machine's states. Persisted: never rename one.</summary>
public static class GrantState
{
    public const string Evaluating = nameof(Evaluating);
    public const string AwaitingApproval = nameof(AwaitingApproval);
    public const string Scheduled = nameof(Scheduled);
    public const string Activating = nameof(Activating);
    public const string Active = nameof(Active);
    public const string Suspending = nameof(Suspending);
    public const string Suspended = nameof(Suspended);
    public const string Revoking = nameof(Revoking);
    public const string RevokeFailed = nameof(RevokeFailed);
    public const string Ended = nameof(Ended);
    public const string Denied = nameof(Denied);
    public const string Rejected = nameof(Rejected);
    public const string Lapsed = nameof(Lapsed);
    public const string Withdrawn = nameof(Withdrawn);

    public static IReadOnlyList<string> All { get; } =
    [
        Evaluating,
        AwaitingApproval,
        Scheduled,
        Activating,
        Active,
        Suspending,
        Suspended,
        Revoking,
        RevokeFailed,
        Ended,
        Denied,
        Rejected,
        Lapsed,
        Withdrawn,
    ];

    /// <summary>The state's name on the wire, for example <c>awaiting-approval</c>.</summary>
    public static string ToWire(string state) => JsonNamingPolicy.KebabCaseLower.ConvertName(state);

    /// <summary>States that some event leaves, as a list of SQL literals: what is searched often is indexed for these.</summary>
    public static string LiveList { get; } =
        string.Join(", ", All.Except([Ended, Denied, Rejected, Lapsed, Withdrawn], StringComparer.Ordinal).Select(s => $"'{s}'"));

    /// <summary>States that no event leaves.</summary>
    public static IReadOnlyList<string> Final { get; } = [Ended, Denied, Rejected, Lapsed, Withdrawn];
}

/// <summary>Why a grant left <c>Active</c> or <c>Activating</c>. Persisted.</summary>
public static class EndReason
{
    public const string Expired = "expired";
    public const string Revoked = "revoked";
    public const string Withdrawn = "withdrawn";
    public const string ActivationFailed = "activation-failed";

    /// <summary>Decided again, and no longer permitted.</summary>
    public const string NotRetained = "not-retained";

    /// <summary>Nobody reviewed it in time.</summary>
    public const string ReviewMissed = "review-missed";

    /// <summary>A reviewer said that it may not stay.</summary>
    public const string ReviewedAway = "reviewed-away";

    /// <summary>An operator ordered everything of its kind away.</summary>
    public const string KillSwitch = "kill-switch";

    /// <summary>It was bound to a ticket, which was closed.</summary>
    public const string TicketClosed = "ticket-closed";
}
