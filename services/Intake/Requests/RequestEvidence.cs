using Governance.Contracts.Decisions;
using Governance.Contracts.Intake;
using Governance.Intake.Door;
using Governance.Intake.Names;
using Governance.Intake.Tickets;

namespace Governance.Intake.Requests;

/// <summary>What is recorded of a request.</summary>
internal static class RequestEvidence
{
    public static RequestText TextOf(Guid streamId, AccessRequest request) =>
        new()
        {
            Id = streamId,
            Salt = RequestDigest.NewSalt(),
            Text = request.Justification,
        };

    public static RequestReceived EventOf(
        AccessRequest request,
        RequestText text,
        ResolvedNames names,
        Delivery delivery,
        DateTimeOffset now
    )
    {
        var justification = RequestDigest.OfText(text.Salt, text.Text);
        var requester = names.IdOf(request.Requester);
        var self = IsSender(delivery, requester);
        List<string>? chain = request.OnBehalfOf is { } named ? [.. named.Select(names.IdOf)] : null;
        return new RequestReceived
        {
            Source = request.Source,
            RequestId = request.Id,
            Principal = names.IdOf(request.Principal),
            Entitlement = request.Entitlement,
            Duration = request.Duration,
            NotBefore = request.NotBefore,
            Justification = justification,
            Requester = requester,
            RequesterAssurance = self ? Assurance.Verified : names.AssuranceOf("requester"),
            Emergency = request.Emergency,
            // Who was authenticated may declare an emergency for themselves, as a source may that is believed.
            EmergencyAssurance = self ? Assurance.Verified : names.AssuranceOf("emergency"),
            Ticket = request.Ticket is { } ticket ? TicketEvidence.TicketOf(ticket, names) : null,
            Approvals =
            [
                .. request.Approvals.Select(a => new RequestedApproval
                {
                    Approver = names.IdOf(a.Approver),
                    Approved = a.Approved,
                    At = a.At,
                    Assurance = names.AssuranceOf("approvals"),
                }),
            ],
            Via = delivery.Via,
            OnBehalfOf = chain,
            DelegationAssurance =
                chain is null ? null
                : IsSender(delivery, chain[^1]) ? Assurance.Verified
                : names.AssuranceOf("delegation"),
            RecipientKey = request.RecipientKey,
            Actor = self ? delivery.Actor : delivery.Actor with { OnBehalfOf = [requester] },
            ReceivedAt = now,
            Digest = RequestDigest.Compute(request, justification),
            Catalog = names.Catalog,
        };
    }

    // An identity does not vouch for those whom it says it acts for.
    private static bool IsSender(Delivery delivery, string principal) =>
        delivery.Actor.Assurance == Assurance.Verified && string.Equals(delivery.Actor.Id, principal, StringComparison.Ordinal);
}
