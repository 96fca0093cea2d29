using Governance.Contracts.Decisions;

namespace Governance.Intake.Tickets;

/// <summary>A ticket as a message describes it. Members that are null are in no digest.</summary>
internal sealed record TicketClaim(
    string System,
    string Key,
    string? State = null,
    string? Url = null,
    string? Assignee = null,
    string? ConfigurationItem = null,
    ChangeWindow? ChangeWindow = null
);
