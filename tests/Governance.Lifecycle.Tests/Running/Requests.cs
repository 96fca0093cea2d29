using System.Buffers.Text;
using System.Security.Cryptography;
using Governance.Contracts;
using Governance.Contracts.Decisions;
using Governance.Contracts.Intake;
using Governance.Contracts.Lifecycle;

namespace Governance.Lifecycle.Tests.Running;

internal static class Requests
{
    public const string Source = "https://itsm.example.com/servicenow";

    public const string Justification = "the quick brown fox needs the month-end report";

    public static AccessRequested Of(Actor actor, string entitlement = TestCatalog.Readonly, string? principal = null, Guid? id = null)
    {
        var request = (id ?? Guid.NewGuid()).ToString();
        return new AccessRequested
        {
            GrantId = NameBasedUuid.ForRequest(Source, request),
            Source = Source,
            RequestId = request,
            Principal = principal ?? actor.First,
            Entitlement = entitlement,
            Duration = TimeSpan.FromHours(1),
            Justification = Justification,
            Requester = actor.HumanId,
            RequesterAssurance = Assurance.Verified,
            Emergency = false,
            EmergencyAssurance = Assurance.Claimed,
            Ticket = new RequestedTicket
            {
                System = "servicenow",
                Key = "RITM0012345",
                State = "approved",
                Assurance = Assurance.Verified,
            },
            Approvals = [],
            Via = "amqp",
            Actor = new ActorRef
            {
                Id = "system:itsm",
                Kind = "system",
                Via = "amqp",
                Assurance = Assurance.Verified,
                OnBehalfOf = [actor.HumanId],
            },
            ReceivedAt = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero),
            Digest = CanonicalJson.Digest(request),
        };
    }

    public static RecipientKey NewKey(string? kid = null)
    {
        using var pair = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var point = pair.ExportParameters(includePrivateParameters: false).Q;
        return new RecipientKey("EC", "P-256", Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y), kid);
    }

    public static ActorRef Person(string id) =>
        new()
        {
            Id = id,
            Kind = "human",
            Via = "http",
            Assurance = Assurance.Verified,
        };
}
