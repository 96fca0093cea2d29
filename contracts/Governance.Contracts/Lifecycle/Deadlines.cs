using MassTransit;

namespace Governance.Contracts.Lifecycle;

/// <summary>Kinds of deadlines of a grant. The pair of grant and kind is a deadline's key.</summary>
public static class DeadlineKinds
{
    /// <summary>The access ends.</summary>
    public const string Expiry = "expiry";

    /// <summary>Nobody approved in time.</summary>
    public const string ApprovalWindow = "approval-window";

    /// <summary>A scheduled start.</summary>
    public const string Start = "start";

    /// <summary>Activation took too long.</summary>
    public const string Activation = "activation";

    /// <summary>Somebody should have reviewed the access by then.</summary>
    public const string Review = "review";
}

/// <summary>Command to Expiry: tell Lifecycle when <see cref="Due"/> has come. Replaces any deadline of the same key with a lower revision.</summary>
[EntityName("governance.lifecycle.set-deadline.v1")]
[MessageUrn("governance:lifecycle:set-deadline:v1")]
public sealed record SetDeadline
{
    /// <summary>The grant: first part of the key.</summary>
    public required Guid GrantId { get; init; }

    /// <summary>Second part of the key: one of <see cref="DeadlineKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>When (UTC).</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>Version of the grant's stream that set it.</summary>
    public required long Revision { get; init; }
}

/// <summary>Command to Expiry: the deadline of this or a lower revision is not needed any more.</summary>
[EntityName("governance.lifecycle.cancel-deadline.v1")]
[MessageUrn("governance:lifecycle:cancel-deadline:v1")]
public sealed record CancelDeadline
{
    /// <summary>The grant: first part of the key.</summary>
    public required Guid GrantId { get; init; }

    /// <summary>Second part of the key.</summary>
    public required string Kind { get; init; }

    /// <summary>Version of the grant's stream that cancelled it.</summary>
    public required long Revision { get; init; }
}

/// <summary>Lifecycle has dealt with a deadline that fired: it need not fire again.</summary>
[EntityName("governance.lifecycle.deadline-acknowledged.v1")]
[MessageUrn("governance:lifecycle:deadline-acknowledged:v1")]
public sealed record DeadlineAcknowledged
{
    /// <summary>The grant: first part of the key.</summary>
    public required Guid GrantId { get; init; }

    /// <summary>Second part of the key.</summary>
    public required string Kind { get; init; }

    /// <summary>The revision that fired.</summary>
    public required long Revision { get; init; }
}
