using System.Text.Json.Serialization;

namespace Governance.Intake.Requests;

/// <summary>A request as it was read, with defaults filled in: names are still the sender's, nothing is resolved or believed.</summary>
internal sealed record AccessRequest
{
    public required string Source { get; init; }

    public required string Id { get; init; }

    public required string Principal { get; init; }

    public required string Entitlement { get; init; }

    public required TimeSpan Duration { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public required string Justification { get; init; }

    public required string Requester { get; init; }

    public required bool Emergency { get; init; }

    public TicketClaim? Ticket { get; init; }

    public required IReadOnlyList<ApprovalClaim> Approvals { get; init; }

    [JsonIgnore]
    public Guid GrantId => NameBasedUuid.ForRequest(Source, Id);
}

internal sealed record TicketClaim(string System, string Key, string? State, string? Url);

internal sealed record ApprovalClaim(string Approver, bool Approved, DateTimeOffset At);
