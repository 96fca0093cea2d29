using System.Text.Json;
using Governance.Contracts.Decisions;

namespace Governance.Cli.Grants;

/// <summary>What people are shown of a grant.</summary>
internal sealed record GrantSummary
{
    public required Guid Id { get; init; }
    public required string Principal { get; init; }
    public required string Entitlement { get; init; }
    public required string State { get; init; }
    public required string Requester { get; init; }
    public required DateTimeOffset RequestedAt { get; init; }
    public required TimeSpan RequestedDuration { get; init; }

    /// <summary>What it is given for; null while nothing is, or is to be.</summary>
    public TimeSpan? Duration { get; init; }
    public int? Revision { get; init; }
    public bool? Emergency { get; init; }
    public IReadOnlyList<string>? OnBehalfOf { get; init; }
    public DateTimeOffset? StartsAt { get; init; }
    public DateTimeOffset? ActivatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public string? EndReason { get; init; }

    /// <summary>By what it is still there although it ended or is suspended; null when it isn't.</summary>
    public StillEffective? StillEffective { get; init; }
    public Guid? Revocation { get; init; }
    public SummaryDecision? Decision { get; init; }
    public Obligations? Obligations { get; init; }

    /// <summary>Whether it may stay, as decided last; null while that was not asked.</summary>
    public SummaryDecision? Retention { get; init; }

    /// <summary>The last time that somebody asked for it to last longer.</summary>
    public SummaryRenewal? Renewal { get; init; }
    public SummarySuspension? Suspension { get; init; }
    public SummaryReview? Review { get; init; }
    public IReadOnlyList<Gate>? Gates { get; init; }
    public IReadOnlyList<SummaryApprovers>? Approvers { get; init; }
    public IReadOnlyList<SummaryApproval>? Approvals { get; init; }
    public SummaryHolding? Holding { get; init; }
    public SummaryTicket? Ticket { get; init; }

    /// <summary>The last order to try at once; null when nobody gave one.</summary>
    public SummaryRetry? Retry { get; init; }

    /// <summary>What the state alone does not say of it; null for nothing.</summary>
    public string? Besides =>
        StillEffective is { } still ? still.ToString()
        : State != "active" || Holding is not { Desired: "present" } holding ? null
        : holding.Observed == "absent" ? "but not at the target"
        : holding.Narrowed is { Count: > 0 } ? "but narrowed at the target"
        : null;

    /// <summary>What went wrong last; null while nothing has.</summary>
    public SummaryFailure? Failure { get; init; }

    public static GrantSummary Of(JsonElement document) => document.Deserialize<GrantSummary>(WireJson.Options)!;
}

internal sealed record StillEffective(IReadOnlyList<Guid> HeldBy, IReadOnlyList<string> Paths)
{
    public override string ToString() =>
        "still effective by "
        + (
            HeldBy.Count + Paths.Count == 0
                ? "a path that the target does not name"
                : string.Join("; ", HeldBy.Select(id => $"grant {id}").Concat(Paths))
        );
}

internal sealed record SummaryDecision(
    string Outcome,
    IReadOnlyList<string> Policies,
    IReadOnlyList<string> Reasons,
    string? Bundle = null,
    IReadOnlyList<Gate>? Gates = null,
    IReadOnlyList<UncountedApproval>? Uncounted = null,
    NearestPermit? Nearest = null,
    IReadOnlyList<SummaryWords>? Because = null
);

internal sealed record SummaryWords(string Policy, string? Reason = null, string? Advice = null);

internal sealed record SummaryRenewal(
    string Status,
    string Requester,
    TimeSpan Duration,
    IReadOnlyList<string>? Reasons = null,
    NearestPermit? Nearest = null,
    IReadOnlyList<SummaryWords>? Because = null
);

internal sealed record SummarySuspension(
    string By,
    DateTimeOffset StartedAt,
    IReadOnlyList<string>? Refused = null,
    NearestPermit? Nearest = null,
    IReadOnlyList<SummaryWords>? Because = null
);

internal sealed record SummaryRetry(DateTimeOffset At, string By, bool WholeTarget = false)
{
    public override string ToString() => $"{(WholeTarget ? "of all at the target " : "")}by {By} at {Moments.ToWire(At)}";
}

internal sealed record SummaryReview(DateTimeOffset Due, DateTimeOffset? ReviewedAt = null, string? Reviewer = null);

internal sealed record SummaryApprovers(string From, IReadOnlyList<string> People);

internal sealed record SummaryApproval(
    string Approver,
    Assurance Assurance,
    string Via,
    DateTimeOffset At,
    TimeSpan? Duration = null,
    int? Revision = null
);

internal sealed record SummaryHolding(
    string Desired,
    string? Observed = null,
    DateTimeOffset? ObservedAt = null,
    bool? Fenced = null,
    IReadOnlyList<string>? Narrowed = null
);

internal sealed record SummaryTicket(string System, string Key);

internal sealed record SummaryFailure(string Code, string Message, int Attempt, DateTimeOffset At, DateTimeOffset? NextAttemptAt = null)
{
    public override string ToString() => $"{Code}: {Message} (attempt {Attempt})";
}
