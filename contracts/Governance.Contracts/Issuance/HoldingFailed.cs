using MassTransit;

namespace Governance.Contracts.Issuance;

/// <summary>An attempt to make the target match a holding failed. It will be tried again, for ever.</summary>
[EntityName("governance.issuance.holding-failed.v1")]
[MessageUrn("governance:issuance:holding-failed:v1")]
public sealed record HoldingFailed
{
    /// <summary>Id of the principal.</summary>
    public required string Principal { get; init; }

    /// <summary>Id of the entitlement.</summary>
    public required string Entitlement { get; init; }

    /// <summary>The revision that was tried.</summary>
    public required long Revision { get; init; }

    /// <summary>How many attempts have failed for this revision, this one included.</summary>
    public required int Attempt { get; init; }

    /// <summary>
    /// Machine-readable cause: <c>unreachable</c>, <c>timeout</c>, <c>refused</c>, <c>unknown-account</c>, <c>unknown-privilege</c>,
    /// <c>mismatch</c>, <c>circuit-open</c>, <c>blocked</c>, <c>unknown-target</c>, <c>target-changed</c>, <c>not-removable</c>,
    /// <c>no-recipient-key</c>, <c>error</c>.
    /// </summary>
    public required string Code { get; init; }

    /// <summary>What happened, for people; holds no secret.</summary>
    public required string Message { get; init; }

    /// <summary>When it happened (UTC).</summary>
    public required DateTimeOffset FailedAt { get; init; }

    /// <summary>When it is tried again (UTC).</summary>
    public required DateTimeOffset NextAttemptAt { get; init; }
}
