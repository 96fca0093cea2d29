using MassTransit;

namespace Governance.Contracts.Intake;

/// <summary>A message at the door was no acceptable request. Lifecycle puts the refusal on the decision stream.</summary>
[EntityName("governance.intake.access-refused.v1")]
[MessageUrn("governance:intake:access-refused:v1")]
public sealed record AccessRefused
{
    /// <summary>UUIDv5 of what was refused: the same message refused twice is one refusal.</summary>
    public required Guid RefusalId { get; init; }

    /// <summary>The CloudEvent's source, where one could be read.</summary>
    public string? Source { get; init; }

    /// <summary>The CloudEvent's id, where one could be read.</summary>
    public string? RequestId { get; init; }

    /// <summary>The refusal's code, for example <c>malformed</c>, <c>invalid</c>, <c>unknown-principal</c>, <c>id-reused</c>.</summary>
    public required string Code { get; init; }

    /// <summary>What is wrong with which member; never a value of the message.</summary>
    public required IReadOnlyList<RefusalDetail> Details { get; init; }

    /// <summary>SHA-256 of the body as received.</summary>
    public required string BodyDigest { get; init; }

    /// <summary>The channel: <c>amqp</c> or <c>http</c>.</summary>
    public required string Via { get; init; }

    /// <summary>Who delivered it.</summary>
    public required ActorRef Actor { get; init; }

    /// <summary>When (UTC).</summary>
    public required DateTimeOffset RefusedAt { get; init; }
}

/// <summary>What is wrong with one member of a request.</summary>
/// <param name="Field">JSON path, for example <c>data.duration</c>; empty for the whole message.</param>
/// <param name="Code">Machine-readable cause.</param>
/// <param name="Message">What to do about it, for people.</param>
public sealed record RefusalDetail(string Field, string Code, string Message);
