using System.Text.Json;
using Governance.Contracts.Decisions;
using Governance.Voting;

namespace Governance.Cedar.Bundles;

/// <summary>A policy of an accepted bundle, with its annotations read.</summary>
public sealed record PolicyDefinition
{
    /// <summary>Its <c>@id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The policy as written, comments within it included.</summary>
    public required string Text { get; init; }

    /// <summary>Whether it permits or forbids.</summary>
    public required PolicyEffect Effect { get; init; }

    /// <summary><c>@reason</c>: for people.</summary>
    public string? Reason { get; init; }

    /// <summary><c>@control</c>: the control it implements.</summary>
    public string? Control { get; init; }

    /// <summary><c>@advice</c>: what to do about it.</summary>
    public string? Advice { get; init; }

    /// <summary><c>@approval</c>: who can discharge it. Only on a forbid, which is then a gate.</summary>
    public ApprovalRequirement? Approval { get; init; }

    /// <summary><c>@maxDuration</c>.</summary>
    public TimeSpan? MaxDuration { get; init; }

    /// <summary><c>@reviewWithin</c>: time from activation.</summary>
    public TimeSpan? ReviewWithin { get; init; }

    /// <summary><c>@maxUnreviewed</c>: how many emergencies of one person and incident may be without a review, this one included.</summary>
    public int? MaxUnreviewed { get; init; }

    /// <summary><c>@boundToTicket</c>.</summary>
    public bool BoundToTicket { get; init; }

    /// <summary><c>@notBefore("change-window")</c>: the access starts and ends within the change window of the ticket.</summary>
    public bool InChangeWindow { get; init; }

    /// <summary><c>@notify</c>: who is told.</summary>
    public IReadOnlyList<Approvers> Notify { get; init; } = [];

    /// <summary><c>@risk</c>: the documented risk of letting it through.</summary>
    public Risk? Risk { get; init; }

    /// <summary><c>@rationale</c>: why that risk is taken.</summary>
    public string? Rationale { get; init; }

    /// <summary>The entities that its conditions name.</summary>
    internal IReadOnlyList<CedarUid> Named { get; init; } = [];

    /// <summary>The policy in Cedar's JSON form.</summary>
    internal JsonElement Json { get; init; }

    /// <summary>The actions that its scope names.</summary>
    internal ActionScope? Scope { get; init; }

    /// <summary>Whether approvals can discharge it.</summary>
    public bool IsGate => Approval is not null;
}
