using Governance.Contracts;
using Governance.Contracts.Intake;

namespace Governance.Intake.Tickets;

/// <summary>First and only event of a ticket change's stream. The assignee is an opaque id.</summary>
internal sealed record TicketChangeReceived
{
    public required string Source { get; init; }

    public required string EventId { get; init; }

    public required RequestedTicket Ticket { get; init; }

    public required bool Closed { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    public required string Via { get; init; }

    public required ActorRef Actor { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Digest of the canonical change, by which a repeat is told from a reused id.</summary>
    public required string Digest { get; init; }

    /// <summary>Digest of the catalog by which the name became an id, and the source was believed or not.</summary>
    public required string Catalog { get; init; }
}
