using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using MassTransit;

namespace Governance.Contracts.Intake;

/// <summary>A request was received, understood and is no duplicate. Published once it is committed to Intake's event store.</summary>
[EntityName("governance.intake.access-requested.v1")]
[MessageUrn("governance:intake:access-requested:v1")]
public sealed record AccessRequested
{
    /// <summary>UUIDv5 of source and request id: <c>NameBasedUuid.ForRequest</c>.</summary>
    public required Guid GrantId { get; init; }

    /// <summary>The CloudEvent's source.</summary>
    public required string Source { get; init; }

    /// <summary>The CloudEvent's id.</summary>
    public required string RequestId { get; init; }

    /// <summary>Opaque id of the grantee.</summary>
    public required string Principal { get; init; }

    /// <summary>Id of the entitlement.</summary>
    public required string Entitlement { get; init; }

    /// <summary>How long, counted from activation.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Earliest start (UTC); null means at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Why, in a person's words. Personal text: kept beside the stream, never in it, and never logged.</summary>
    public required string Justification { get; init; }

    /// <summary>Opaque id of the requester.</summary>
    public required string Requester { get; init; }

    /// <summary>Whether the requester was authenticated.</summary>
    public required Assurance RequesterAssurance { get; init; }

    /// <summary>The request claims to be an emergency.</summary>
    public required bool Emergency { get; init; }

    /// <summary>Whether the source may claim that, and was verified.</summary>
    public required Assurance EmergencyAssurance { get; init; }

    /// <summary>The ticket that the request refers to.</summary>
    public RequestedTicket? Ticket { get; init; }

    /// <summary>Votes that came with the request. They count only when verified.</summary>
    public required IReadOnlyList<RequestedApproval> Approvals { get; init; }

    /// <summary>The channel: <c>amqp</c> or <c>http</c>.</summary>
    public required string Via { get; init; }

    /// <summary>Opaque ids of those on whose behalf the grantee acts, nearest first; null when it acts for itself.</summary>
    public IReadOnlyList<string>? OnBehalfOf { get; init; }

    /// <summary>
    /// Whether those in <see cref="OnBehalfOf"/> are known to know of it: the last of them was authenticated as the sender, or the source is
    /// trusted for it and was verified. Null when the grantee acts for itself; without it, what is claimed counts as claimed.
    /// </summary>
    public Assurance? DelegationAssurance { get; init; }

    /// <summary>Whom a credential is to be sealed to, where the target has an account for each grant; null when none was given.</summary>
    public RecipientKey? RecipientKey { get; init; }

    /// <summary>Who delivered the request.</summary>
    public required ActorRef Actor { get; init; }

    /// <summary>When Intake committed it (UTC).</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Digest of the canonical request, by which a repeat is told from a reused id.</summary>
    public required string Digest { get; init; }

    /// <summary>Digest of the catalog by which Intake understood the request; null when it was not told.</summary>
    public string? Catalog { get; init; }
}

/// <summary>A ticket as a request describes it.</summary>
public sealed record RequestedTicket
{
    /// <summary>The ITSM system.</summary>
    public required string System { get; init; }

    /// <summary>The ticket's key there.</summary>
    public required string Key { get; init; }

    /// <summary>Its state in that system's words, lower case.</summary>
    public string? State { get; init; }

    /// <summary>Where people find it.</summary>
    public string? Url { get; init; }

    /// <summary>Whether the source is trusted for tickets and was verified.</summary>
    public required Assurance Assurance { get; init; }

    /// <summary>Opaque id of the person whom the ticket is assigned to; null when not given or not in the catalog.</summary>
    public string? Assignee { get; init; }

    /// <summary>The configuration item that the ticket is about, in that system's own words.</summary>
    public string? ConfigurationItem { get; init; }

    /// <summary>When the ticket allows the change to be made.</summary>
    public ChangeWindow? ChangeWindow { get; init; }
}

/// <summary>A vote that came with a request.</summary>
public sealed record RequestedApproval
{
    /// <summary>Opaque id of the approver.</summary>
    public required string Approver { get; init; }

    /// <summary>True for an approval, false for a rejection.</summary>
    public required bool Approved { get; init; }

    /// <summary>When the source says that it was cast (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Whether the source is trusted for approvals and was verified.</summary>
    public required Assurance Assurance { get; init; }
}
