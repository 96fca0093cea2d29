using Governance.Contracts;
using Governance.Contracts.Decisions;

namespace Governance.Intake.Door;

/// <summary>How a message came in.</summary>
internal sealed record Delivery
{
    public const string Amqp = "amqp";
    public const string Http = "http";

    public required string Via { get; init; }

    /// <summary>Digest of the body as received.</summary>
    public required string BodyDigest { get; init; }

    /// <summary>Who delivered it.</summary>
    public required ActorRef Actor { get; init; }

    /// <summary>The publisher as the broker verified it; empty when it did not.</summary>
    public string VerifiedUser { get; init; } = "";

    /// <summary>The principal that was verified as the caller over HTTP; null when none was, and by another door.</summary>
    public string? VerifiedCaller => Via == Http ? Publisher : null;

    /// <summary>Who was verified to have sent it, by whatever door; null for nobody.</summary>
    public string? Publisher => PublisherOf(Actor);

    /// <summary>Whether the door gave the message its source, which nobody else can then be.</summary>
    public bool OwnSource { get; init; }

    /// <summary>Where the data is in the message: <c>data</c>, or empty when it is the message.</summary>
    public string DataPath { get; init; } = "data";

    public static ActorRef Nobody(string via) =>
        new()
        {
            Id = "unknown",
            Kind = "unknown",
            Via = via,
            Assurance = Assurance.Claimed,
        };

    /// <summary>Who was verified to have sent what a recorded actor delivered.</summary>
    public static string? PublisherOf(ActorRef actor) => actor.Assurance == Assurance.Verified ? actor.Id : null;

    public static ActorRef OfBroker(string verifiedUser) =>
        verifiedUser.Length == 0
            ? Nobody(Amqp)
            : new ActorRef
            {
                Id = "broker:" + verifiedUser,
                Kind = "system",
                Via = Amqp,
                Assurance = Assurance.Verified,
            };
}

/// <summary>What became of a message: taken (also when it was before) or refused.</summary>
internal abstract record Reception
{
    internal sealed record Taken(Guid StreamId, bool Duplicate) : Reception;

    internal sealed record Refused(Guid RefusalId, Refusal Refusal) : Reception;
}
