using Governance.Contracts.Decisions;
using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.DecisionStream;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Principals;
using Governance.Lifecycle.Targets;

namespace Governance.Lifecycle.Api;

/// <summary>The grant resource on the wire: names instead of opaque ids.</summary>
public sealed record GrantView
{
    public required Guid Id { get; init; }
    public required string Principal { get; init; }
    public required string Entitlement { get; init; }
    public required string State { get; init; }
    public required string Requester { get; init; }
    public required TimeSpan RequestedDuration { get; init; }

    /// <summary>What it is given for, from its activation on; null while nothing is, or is to be.</summary>
    public TimeSpan? Duration { get; init; }
    public required DateTimeOffset RequestedAt { get; init; }
    public DateTimeOffset? StartsAt { get; init; }
    public DateTimeOffset? ActivatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public string? EndReason { get; init; }

    /// <summary>By what it is still there in effect although it ended or is suspended; null when it isn't.</summary>
    public StillEffectiveView? StillEffective { get; init; }

    /// <summary>The operator's order that ended it.</summary>
    public Guid? Revocation { get; init; }

    /// <summary>What is asked for now: votes, reviews and edits name it.</summary>
    public required int Revision { get; init; }

    /// <summary>Who stands behind the request beside the requester: who sent it, and who answers for the integration that did.</summary>
    public IReadOnlyList<string>? SentBy { get; init; }
    public bool? Emergency { get; init; }
    public IReadOnlyList<string>? OnBehalfOf { get; init; }
    public DecisionView? Decision { get; init; }
    public Obligations? Obligations { get; init; }
    public RetentionView? Retention { get; init; }
    public ReviewView? Review { get; init; }

    /// <summary>From when on it can be renewed; null when it can't.</summary>
    public DateTimeOffset? RenewableFrom { get; init; }
    public DateTimeOffset? RenewedAt { get; init; }
    public RenewalView? Renewal { get; init; }
    public SuspensionView? Suspension { get; init; }

    /// <summary>What it waits for now; what approvals have opened is beside the decision.</summary>
    public IReadOnlyList<Gate>? Gates { get; init; }

    /// <summary>Who may open the gates that it waits for.</summary>
    public IReadOnlyList<ApproversView>? Approvers { get; init; }
    public IReadOnlyList<ApprovalView>? Approvals { get; init; }
    public HoldingView? Holding { get; init; }

    /// <summary>What went wrong last at the target, and when it is tried again: no time is named while that is under way.</summary>
    public GrantFailure? Failure { get; init; }

    /// <summary>Who had it tried at once, and when; null when nobody has.</summary>
    public RetryView? Retry { get; init; }
    public GrantTicket? Ticket { get; init; }
    public CredentialView? Credential { get; init; }
    public required GrantLinks Links { get; init; }

    public static GrantView Of(Grant grant, PrincipalLedger? ledger, LoadedCatalog? catalog, TimeSpan renewalWindow)
    {
        string Name(string id) => catalog?.NameOf(id) ?? id;
        var holding = ledger?.Holdings.GetValueOrDefault(grant.Entitlement);
        var isAsking = grant.CurrentState == GrantState.AwaitingApproval || grant is { Renewal.IsOpen: true, Gates.Count: > 0 };
        return new GrantView
        {
            Id = grant.Id,
            Principal = Name(grant.Principal),
            Entitlement = grant.Entitlement,
            State = GrantState.ToWire(grant.CurrentState),
            Requester = Name(grant.Requester),
            RequestedDuration = grant.RequestedDuration,
            Duration = grant.Duration,
            RequestedAt = grant.RequestedAt,
            StartsAt = grant.StartsAt,
            ActivatedAt = grant.ActivatedAt,
            ExpiresAt = grant.ExpiresAt,
            EndedAt = grant.EndedAt,
            EndReason = grant.EndReason,
            StillEffective = StillEffectiveView.Of(grant, ledger),
            Revocation = grant.Revocation,
            Revision = grant.Revision,
            SentBy = grant.SentBy is { } sentBy ? [.. sentBy.Select(Name)] : null,
            Emergency = grant.Emergency ? true : null,
            OnBehalfOf = grant.OnBehalfOf is { } chain ? [.. chain.Select(Name)] : null,
            Decision = grant.Decision is { } d
                ? new DecisionView(d.Outcome, d.Policies, d.Reasons, d.Bundle, d.At)
                {
                    Uncounted = d.Uncounted is { } u ? [.. u.Select(a => a with { Approver = Name(a.Approver) })] : null,
                    Gates = d.Gates is { } gates ? DecisionMessages.Named(gates, Name) : null,
                    Nearest = d.Nearest,
                    Because = d.Because,
                }
                : null,
            Obligations = grant.Obligations,
            Retention = grant.Retention is { } r
                ? new RetentionView(r.Outcome, r.Policies, r.Reasons, r.Bundle, r.At) { Nearest = r.Nearest, Because = r.Because }
                : null,
            Review = grant.Review is { } w
                ? new ReviewView(w.Due, w.MissedAt, w.ReviewedAt, w.Reviewer is { } reviewer ? Name(reviewer) : null)
                : null,
            RenewableFrom = grant is { CurrentState: GrantState.Active, Emergency: false }
                ? GrantTransitions.RenewableFrom(grant, renewalWindow)
                : null,
            RenewedAt = grant.RenewedAt,
            Renewal = grant.Renewal is { } n
                ? new RenewalView(n.Status, Name(n.Requester), n.Duration, n.RequestedAt, n.Reasons, n.DecidedAt)
                {
                    Nearest = n.Nearest,
                    Because = n.Because,
                }
                : null,
            Suspension = grant.Suspension is { } s
                ? new SuspensionView(Name(s.By), s.StartedAt, s.SuspendedAt, s.ResumptionAsked, s.Refused, s.ResumedAt)
                {
                    Nearest = s.Nearest,
                    Because = s.Because,
                }
                : null,
            Gates = isAsking ? DecisionMessages.Named(grant.Gates, Name) : null,
            Approvers = isAsking
                ? [.. Votes.Open(catalog, grant).Select(o => new ApproversView(o.From, [.. o.People.Select(p => p.Name)]))]
                : null,
            Approvals =
                grant.Approvals.Count == 0
                    ? null
                    :
                    [
                        .. grant.Approvals.Select(a => new ApprovalView(Name(a.Approver), a.Assurance, a.Via, a.At)
                        {
                            Duration = a.Duration,
                            Revision = a.Revision,
                        }),
                    ],
            Holding =
                holding is null || grant.HoldingRevision == 0
                    ? null
                    : new HoldingView(
                        holding.Revision,
                        holding.Leases.Count > 0 ? "present" : "absent",
                        holding.Observed is { } seen ? (seen.Direct ? "present" : "absent") : null,
                        holding.Observed?.At
                    )
                    {
                        Fenced = holding.Observed?.Fenced,
                        Narrowed = holding.Observed?.Narrowed,
                    },
            Ticket = grant.Ticket,
            Credential =
                grant.CredentialNumber > 0
                    ? new CredentialView(grant.CredentialNumber, grant.HandedOut >= grant.CredentialNumber, grant.RecipientKey?.Kid)
                    : null,
            Links = new GrantLinks($"/v1/grants/{grant.Id}", $"/v1/grants/{grant.Id}/history"),
        };
    }
}

public sealed record DecisionView(
    Outcome Outcome,
    IReadOnlyList<string> Policies,
    IReadOnlyList<string> Reasons,
    string? Bundle,
    DateTimeOffset At
)
{
    /// <summary>Approvals that did not count, and why.</summary>
    public IReadOnlyList<UncountedApproval>? Uncounted { get; init; }

    /// <summary>The gates that fired, with who opened them; null when none did, or the record is older than this member.</summary>
    public IReadOnlyList<Gate>? Gates { get; init; }

    /// <summary>The permit that came nearest and what it lacked; null unless it was denied for want of one.</summary>
    public NearestPermit? Nearest { get; init; }

    /// <summary>What the policies say that denied it: their <c>@reason</c> and <c>@advice</c>, cut to 500 characters; null for nothing.</summary>
    public IReadOnlyList<PolicyWords>? Because { get; init; }
}

/// <summary>Whom an approval is awaited from.</summary>
/// <param name="From">As the policy says, for example <c>group:dba-oncall</c>.</param>
/// <param name="People">Who that is, by name.</param>
public sealed record ApproversView(string From, IReadOnlyList<string> People);

public sealed record RetentionView(
    Outcome Outcome,
    IReadOnlyList<string> Policies,
    IReadOnlyList<string> Reasons,
    string? Bundle,
    DateTimeOffset At
)
{
    /// <summary>The permit that came nearest and what it lacked; null unless it was refused for want of one.</summary>
    public NearestPermit? Nearest { get; init; }

    /// <inheritdoc cref="DecisionView.Because"/>
    public IReadOnlyList<PolicyWords>? Because { get; init; }
}

public sealed record ReviewView(DateTimeOffset Due, DateTimeOffset? MissedAt, DateTimeOffset? ReviewedAt, string? Reviewer);

/// <summary>The last time that somebody asked for it to last longer.</summary>
public sealed record RenewalView(
    string Status,
    string Requester,
    TimeSpan Duration,
    DateTimeOffset RequestedAt,
    IReadOnlyList<string>? Reasons,
    DateTimeOffset? DecidedAt
)
{
    /// <inheritdoc cref="DecisionView.Nearest"/>
    public NearestPermit? Nearest { get; init; }

    /// <inheritdoc cref="DecisionView.Because"/>
    public IReadOnlyList<PolicyWords>? Because { get; init; }
}

/// <summary>The last time that it was taken away for a while.</summary>
public sealed record SuspensionView(
    string By,
    DateTimeOffset StartedAt,
    DateTimeOffset? SuspendedAt,
    bool ResumptionAsked,
    IReadOnlyList<string>? Refused,
    DateTimeOffset? ResumedAt
)
{
    /// <inheritdoc cref="DecisionView.Nearest"/>
    public NearestPermit? Nearest { get; init; }

    /// <inheritdoc cref="DecisionView.Because"/>
    public IReadOnlyList<PolicyWords>? Because { get; init; }
}

public sealed record ApprovalView(string Approver, Assurance Assurance, string Via, DateTimeOffset At)
{
    /// <summary>The longest that the approver agreed to; null for what was asked for.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The revision of the request that was approved; null for the first.</summary>
    public int? Revision { get; init; }
}

/// <summary>The last credential: which it is, whether it was handed out, and to whom it is sealed.</summary>
public sealed record CredentialView(int Number, bool HandedOut, string? Kid);

public sealed record HoldingView(long Revision, string Desired, string? Observed, DateTimeOffset? ObservedAt)
{
    /// <summary>Whether the target refuses what is older than the last change; null where its kind never does, or it is not known.</summary>
    public bool? Fenced { get; init; }

    /// <summary>What makes of the access that is there less than was granted, in the target's words; null for nothing.</summary>
    public IReadOnlyList<string>? Narrowed { get; init; }
}

/// <summary>The last time that somebody had tried at once what waits at the target.</summary>
/// <param name="At">When.</param>
/// <param name="By">Who.</param>
/// <param name="WholeTarget">Whether it was for everything that waits at the target.</param>
public sealed record RetryView(DateTimeOffset At, string By, bool WholeTarget)
{
    internal static RetryView? Of(RetryOrdered? order, LoadedCatalog? catalog) =>
        order is null ? null : new RetryView(order.At, catalog?.NameOf(order.Actor.Id) ?? order.Actor.Id, order.Grant is null);
}

public sealed record GrantLinks(string Self, string History);
