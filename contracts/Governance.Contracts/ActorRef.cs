using Governance.Contracts.Decisions;

namespace Governance.Contracts;

/// <summary>Who did something: stamped on every event and on every command from people.</summary>
public sealed record ActorRef
{
    /// <summary>Opaque id of the principal, or <c>system:SERVICE</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What it is: a principal's kind in kebab-case, <c>system</c>, or <c>unknown</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The channel: <c>amqp</c>, <c>http</c>, <c>grpc</c>, <c>system</c>.</summary>
    public required string Via { get; init; }

    /// <summary>Whether the suite knows that it was them.</summary>
    public required Assurance Assurance { get; init; }

    /// <summary>Whom they act for, nearest first; empty when for themselves.</summary>
    public IReadOnlyList<string> OnBehalfOf { get; init; } = [];

    /// <summary>The suite itself.</summary>
    /// <param name="service">The acting service, for example <c>lifecycle</c>.</param>
    public static ActorRef System(string service) =>
        new()
        {
            Id = "system:" + service,
            Kind = "system",
            Via = "system",
            Assurance = Assurance.Verified,
        };
}
