using Governance.Contracts.Decisions;
using MassTransit;

namespace Governance.Contracts.Intake;

/// <summary>
/// A ticket is not any more as it was: every grant that refers to it is decided again, and those bound to it end when it is closed. Published
/// once it is committed to Intake's event store.
/// </summary>
[EntityName("governance.intake.ticket-changed.v1")]
[MessageUrn("governance:intake:ticket-changed:v1")]
public sealed record TicketChanged
{
    /// <summary>The CloudEvent's source.</summary>
    public required string Source { get; init; }

    /// <summary>The CloudEvent's id.</summary>
    public required string EventId { get; init; }

    /// <summary>The ticket as it is now. Its assurance says whether the source was believed: a change that is only claimed takes no access away.</summary>
    public required RequestedTicket Ticket { get; init; }

    /// <summary>Whether the ticket is closed: done, cancelled, or whatever its system calls it.</summary>
    public required bool Closed { get; init; }

    /// <summary>When the change happened in the ticket's system (UTC), as its sender says: it orders that sender's changes, and no other.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>The channel: <c>amqp</c> or <c>http</c>.</summary>
    public required string Via { get; init; }

    /// <summary>Who delivered it.</summary>
    public required ActorRef Actor { get; init; }

    /// <summary>When Intake committed it (UTC).</summary>
    public required DateTimeOffset ReceivedAt { get; init; }
}
