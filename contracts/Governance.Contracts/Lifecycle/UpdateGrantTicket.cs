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

    /// <summary>When it changed (UTC), as its system says.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Place in what is known of the ticket: a lower one than known is no news. Null from versions that told changes by their time.</summary>
    public long? Number { get; init; }

    /// <summary>When it was closed (UTC), by arrival: this ends what was requested before, whatever is known since. Null when it wasn't now.</summary>
    public DateTimeOffset? ClosedAt { get; init; }
}
