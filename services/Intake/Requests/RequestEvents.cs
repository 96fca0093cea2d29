using Governance.Contracts;
using Governance.Contracts.Decisions;
using Governance.Contracts.Intake;
using Governance.Contracts.Lifecycle;

namespace Governance.Intake.Requests;

/// <summary>First and only event of a request's stream. People are opaque ids; the justification is beside the stream.</summary>
internal sealed record RequestReceived
{
    public required string Source { get; init; }

    public required string RequestId { get; init; }

    public required string Principal { get; init; }

    public required string Entitlement { get; init; }

    public required TimeSpan Duration { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Salted digest of <see cref="RequestText.Text"/>.</summary>
    public required string Justification { get; init; }

    public required string Requester { get; init; }

    public required Assurance RequesterAssurance { get; init; }

    public required bool Emergency { get; init; }

    public required Assurance EmergencyAssurance { get; init; }

    public RequestedTicket? Ticket { get; init; }

    public required IReadOnlyList<RequestedApproval> Approvals { get; init; }

    public required string Via { get; init; }

    public IReadOnlyList<string>? OnBehalfOf { get; init; }

    /// <summary>Null when the grantee acts for itself.</summary>
    public Assurance? DelegationAssurance { get; init; }

    public RecipientKey? RecipientKey { get; init; }

    public required ActorRef Actor { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>See <see cref="RequestDigest"/>.</summary>
    public required string Digest { get; init; }

    /// <summary>Digest of the catalog by which names became ids.</summary>
    public required string Catalog { get; init; }
}

/// <summary>First and only event of a refusal's stream.</summary>
internal sealed record RequestRefused
{
    public string? Source { get; init; }

    public string? RequestId { get; init; }

    public required string Code { get; init; }

    public required IReadOnlyList<RefusalDetail> Details { get; init; }

    public required string BodyDigest { get; init; }

    public required string Via { get; init; }

    public required ActorRef Actor { get; init; }

    public required DateTimeOffset RefusedAt { get; init; }
}

/// <summary>A request's personal text, beside its stream and under its id, so that it can be erased without touching evidence.</summary>
internal sealed record RequestText
{
    public required Guid Id { get; init; }

    public required string Salt { get; init; }

    public required string Text { get; init; }
}
