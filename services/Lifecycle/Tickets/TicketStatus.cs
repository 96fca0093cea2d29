using Governance.Lifecycle.Grants;

namespace Governance.Lifecycle.Tickets;

/// <summary>A ticket as its system said last. One stream a ticket.</summary>
public sealed class TicketStatus
{
    public Guid Id { get; set; }

    public GrantTicket? Ticket { get; set; }

    public bool Closed { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    public static Guid IdOf(string system, string key) =>
        NameBasedUuid.Create(NameBasedUuid.GovernanceNamespace, $"ticket\n{system}\n{key}");

    public static string LockOf(string system, string key) => $"ticket:{system}\n{key}";

    public void Apply(TicketReported e) => (Ticket, Closed, ChangedAt) = (e.Ticket, e.Closed, e.ChangedAt);
}

/// <summary>A believed source says how a ticket is now.</summary>
public sealed record TicketReported
{
    public required GrantTicket Ticket { get; init; }
    public required bool Closed { get; init; }
    public required DateTimeOffset ChangedAt { get; init; }
    public required string Source { get; init; }
    public required string EventId { get; init; }
    public required DateTimeOffset At { get; init; }
}
