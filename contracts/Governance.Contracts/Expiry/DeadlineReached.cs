using MassTransit;

namespace Governance.Contracts.Expiry;

/// <summary>A deadline has come. Said again until Lifecycle acknowledges it.</summary>
[EntityName("governance.expiry.deadline-reached.v1")]
[MessageUrn("governance:expiry:deadline-reached:v1")]
public sealed record DeadlineReached
{
    /// <summary>The grant: first part of the key.</summary>
    public required Guid GrantId { get; init; }

    /// <summary>Second part of the key.</summary>
    public required string Kind { get; init; }

    /// <summary>The time that was set (UTC).</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>The revision that was set: Lifecycle compares it with what it holds, never with a clock.</summary>
    public required long Revision { get; init; }
}
