using Governance.Contracts.Intake;
using MassTransit;

namespace Governance.Contracts.Lifecycle;

/// <summary>Lifecycle to itself: the ticket that a grant refers to has changed.</summary>
[EntityName("governance.lifecycle.update-grant-ticket.v1")]
[MessageUrn("governance:lifecycle:update-grant-ticket:v1")]
public sealed record UpdateGrantTicket
{
    /// <summary>The grant.</summary>
    public required Guid GrantId { get; init; }

    /// <summary>The ticket as it is now, from a source that is believed.</summary>
    public required RequestedTicket Ticket { get; init; }

    /// <summary>Whether it is closed.</summary>
    public required bool Closed { get; init; }

    /// <summary>When it changed (UTC): an earlier change than the one known is no news.</summary>
    public required DateTimeOffset ChangedAt { get; init; }
}
